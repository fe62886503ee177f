"""Settings of this installation, from environment variables that begin with DESK_."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Each setting has a working default: the desk on one machine, with SQLite."""

    model_config = SettingsConfigDict(env_prefix="DESK_", extra="ignore")

    database_url: str = f"sqlite:///{ROOT / 'var' / 'desk.db'}"
    rasa_database_url: str = f"sqlite:///{ROOT / 'var' / 'rasa.db'}"
    now: datetime | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    rasa_port: int = 5005
    actions_port: int = 5055
    assistant_file: Path | None = Field(None, description="where `desk run` tells web that the assistant has moved to another address")
    service_file: Path = ROOT / "service.yml"
    var: Path = ROOT / "var"
    reply_within: float = Field(4.0, description="seconds that web waits for Rasa before it answers from the knowledge base itself")
    send_vectors: bool = Field(
        True, description="whether web sends Rasa each message's sentence vector; false where Rasa's pipeline is another than ours"
    )
    keep_days: int = Field(365, description="days that a conversation is kept")
    keep_bookings_days: int = Field(90, description="days after a session that names and contacts of its bookings are kept")
    email_sender: Literal["none", "smtp", "notify"] = Field("none", description="how emails go out; with none they stay in the outbox")
    text_sender: Literal["none", "notify"] = Field("none", description="how text messages go out")
    smtp_host: str = "localhost"
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_starttls: bool = True
    email_from: str = Field("", description="the address that emails come from; else the one in service.yml")
    notify_api_key: SecretStr = Field(SecretStr(""), description="GOV.UK Notify")
    notify_email_template: str = Field("", description="id of a Notify template whose subject is ((subject)) and whose message is ((message))")
    notify_text_template: str = Field("", description="id of a Notify template whose message is ((message))")
    secure_cookies: bool = Field(False, description="set to true where the desk is served over https")
    log_level: str = "INFO"

    @property
    def rasa_url(self) -> str:
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.actions_port}/webhook"


@cache
def settings() -> Settings:
    return Settings()
