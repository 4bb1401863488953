"""
What the tests of settings share: loading them from files that are really there.

"""

from collections.abc import Mapping
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.settings import LoadedSettings, load_settings


class LoadingTestCase(SynchronousTestCase):
    """
    A test case that can write files and load settings.

    """

    def written(self, content: str | bytes) -> str:
        """
        :returns: The path of a new file with that content.
        """
        path = Path(self.mktemp())
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def load(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        file: str | bytes | None = None,
        options: Mapping[str, str] | None = None,
    ) -> LoadedSettings:
        """
        :param file: The content of the settings file; ``None`` for no file.
        """
        config = None if file is None else self.written(file)
        return load_settings(options or {}, environ or {}, config)

    def only_warning(self, loaded: LoadedSettings) -> str:
        """
        :returns: The one warning that there is.
        """
        self.assertEqual(1, len(loaded.warnings), loaded.warnings)
        return loaded.warnings[0]
