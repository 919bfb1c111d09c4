"""The words that a linear model may leave out: English ones by scikit-learn, Chinese ones by stopwordsiso.

Words that negate stay: without them "not good" reads as "good".
"""

from argosy.core.errors import MissingError

_NEGATIONS = frozenset(
    {"against", "cannot", "cant", "couldnt", "hasnt", "neither", "never", "no", "nobody", "none", "noone", "nor"}
    | {"not", "nothing", "nowhere", "without"}
)
_NEGATING = frozenset("不没無无非未莫否别別勿")  # a Chinese word that holds one of these


def stop_words() -> frozenset[str]:
    """The stop words of both languages, in lower case; raises MissingError without stopwordsiso."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    try:
        import stopwordsiso
    except ModuleNotFoundError as error:
        raise MissingError(
            "The package {name!r} is not installed.", mend="pip install 'argosy[words]'", name=error.name
        ) from error
    chinese = (word for word in stopwordsiso.stopwords("zh") if word.isalpha() and not word.isascii())
    return frozenset(
        {*(ENGLISH_STOP_WORDS - _NEGATIONS), *(word for word in chinese if not _NEGATING.intersection(word))}
    )
