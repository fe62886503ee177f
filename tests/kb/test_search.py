import pytest

from kb.articles import Article, load_articles
from kb.localfacts import sentences
from kb.search import ArticleSearch


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    return load_articles(facts=sentences({}))


@pytest.fixture(scope="module")
def search(articles: dict[str, Article]) -> ArticleSearch:
    return ArticleSearch(articles)


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("is the Wi-Fi safe", "wifi-safety"),
        ("print from my phone", "print-scan-copy"),
        ("repeat prescription", "nhs-prescriptions"),
        ("coding for children", "coding-club"),
        ("cheap broadband", "social-tariffs"),
        ("donate an old laptop", "donate-a-device"),
        ("video calls", "video-calls"),
    ],
)
def test_the_article_that_people_mean_comes_first(search: ArticleSearch, query: str, slug: str):
    assert search.search(query)[0].slug == slug


def test_a_word_is_found_in_its_other_forms(search: ArticleSearch):
    assert search.search("printing")[0].slug == search.search("prints")[0].slug == "print-scan-copy"


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("Wi-Fi", {"wifi-connect", "wifi-safety"}),
        ("wifi", {"wifi-connect", "wifi-safety"}),
        ("is the WiFi safe", {"wifi-connect", "wifi-safety"}),
        ("e-books", {"ebooks"}),
        ("ebooks", {"ebooks"}),
        ("e-mail", {"email-account"}),
        ("email", {"email-account"}),
    ],
)
def test_a_word_is_found_with_and_without_its_hyphen(search: ArticleSearch, query: str, slugs: set[str]):
    assert search.search(query)
    assert search.search(query)[0].slug in slugs


def test_the_title_of_every_article_finds_it(search: ArticleSearch, articles: dict[str, Article]):
    lost = [slug for slug, article in articles.items() if slug not in [hit.slug for hit in search.search(article.title, 3)]]
    assert lost == []


def test_better_hits_come_first_and_no_more_than_asked_for(search: ArticleSearch):
    hits = search.search("computer", most=3)
    assert len(hits) == 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.parametrize("query", ["", "   ", "the of and", "xylophone zebra", "?!"])
def test_a_query_that_shares_no_word_finds_nothing(search: ArticleSearch, query: str):
    assert search.search(query) == []


def test_more_may_be_asked_for_than_there_is(articles: dict[str, Article]):
    two = {slug: articles[slug] for slug in ("scams", "wifi-safety")}
    assert {hit.slug for hit in ArticleSearch(two).search("bank", most=10)} <= set(two)
