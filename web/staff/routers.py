"""All doors of the staff desk."""

from fastapi import APIRouter

from web.staff import (
    booking_pages,
    canned_pages,
    conversation_pages,
    desk_api,
    insight_pages,
    queue_pages,
    referral_pages,
    search_pages,
    series_pages,
    session_pages,
    settings_pages,
    sign_in_pages,
    unanswered_pages,
    volunteer_pages,
)

_QUEUE = (queue_pages.router, conversation_pages.router, search_pages.router, desk_api.router)
_CASES = (referral_pages.router, volunteer_pages.router, unanswered_pages.router)
_SESSIONS = (session_pages.router, series_pages.router, booking_pages.router)


def staff_routers() -> list[APIRouter]:
    return [sign_in_pages.router, sign_in_pages.api, settings_pages.router, canned_pages.router, insight_pages.router, *_QUEUE, *_SESSIONS, *_CASES]
