"""
Known pictures from a folder, for benchmarks and demonstrations.

"""

from pathlib import Path

from PIL import Image

from motion_in_ocean.errors import CameraUnavailable

MAX_BYTES = 256 * 1024 * 1024
SUFFIXES = (".jpg", ".jpeg")


class Playback:
    """
    JPEG files that are read once and given out in the order of their names, over and over.

    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        """
        Read the files; blocks.

        :param max_bytes: How much memory the pictures may take.
        :raises CameraUnavailable: If the folder cannot be read, holds no JPEG file or too much.
        """
        self._pictures: list[bytes] = []
        try:
            files = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
            if sum(path.stat().st_size for path in files) > max_bytes:
                raise CameraUnavailable(
                    f"MOCK_FRAMES: the pictures in {folder} take more than {max_bytes:,} bytes"
                )
            for path in sorted(files):
                with Image.open(path, formats=("JPEG",)) as picture:
                    self.resolution = picture.size
                self._pictures.append(path.read_bytes())
        except OSError as error:
            raise CameraUnavailable(f"MOCK_FRAMES: {error}") from error
        if not self._pictures:
            raise CameraUnavailable(f"MOCK_FRAMES: there is no .jpg file in {folder}")

    def next_picture(self, number: int) -> bytes:
        """
        :param number: Counts the pictures, from 1.
        """
        return self._pictures[(number - 1) % len(self._pictures)]
