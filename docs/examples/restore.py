"""Put pseudonyms in the place of personal data, keep the map under a key, and go the way back.

In a project the map is .argosy/artifacts/read-*/pseudonyms.vault, and read_key opens .argosy/pseudonyms.key.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from argosy.data.redact import redact
from argosy.data.vault import Vault, new_key, open_vault, read_key, restore

with TemporaryDirectory() as folder:
    key, map_ = Path(folder) / "pseudonyms.key", Path(folder) / "pseudonyms.vault"
    vault = Vault()
    text = redact("请打 138 0013 8000 找我", vault.replace)
    vault.save(map_, new_key(key))
    print(text)
    print(restore(text, open_vault(map_, read_key(key))))
