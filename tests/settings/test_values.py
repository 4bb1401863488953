"""
Tests of single values: which are taken, and what happens to the others.

"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import yaml

from motion_in_ocean.settings import LoadedSettings, Settings, setting_of
from tests.settings.loading import LoadingTestCase
from tests.settings.table import HUGE_NUMBER, HUGE_TEXT, TABLE, WRONG_TYPES, Cases

LONGEST_WARNING = 500


def _brief(value: object) -> str:
    return str(value)[:60]


def _as_yaml(name: str, text: str) -> str:
    return yaml.safe_dump({name: text}, width=10**6)


class TableTests(LoadingTestCase):
    """
    Every setting, fed with everything.

    """

    _loaded: ClassVar[list[tuple[str, Cases, str, LoadedSettings]]] = []
    """What comes of all bad values: each is loaded once, for all tests."""

    def test_no_setting_is_missing(self) -> None:
        """
        A setting that nobody tried with bad values would surprise an operator first.
        """
        self.assertEqual(set(Settings.model_fields) - {"locked"}, set(TABLE))

    def test_defaults_are_valid(self) -> None:
        """
        A daemon that nobody configured runs.
        """
        settings = self.load().settings
        invalid = [
            field for field, cases in TABLE.items() if not cases.is_valid(getattr(settings, field))
        ]
        self.assertEqual([], invalid)

    def test_defaults_need_no_warning(self) -> None:
        """
        Whoever reads the log of a fresh installation finds nothing to worry about.
        """
        self.assertEqual((), self.load().warnings)

    def test_defaults_are_named_as_such(self) -> None:
        """
        ``--show-config`` tells what the operator did from what came with the house.
        """
        self.assertEqual({"default"}, set(self.load().origins.values()))

    def test_good_text_from_environment(self) -> None:
        """
        Each value of the README works in a compose file.
        """
        wrong: list[object] = []
        for field, cases in TABLE.items():
            for text, expected in cases.good:
                loaded = self.load({field.upper(): text, **cases.beside})
                wrong += self._differences(field, text, expected, "environment", loaded)
        self.assertEqual([], wrong)

    def test_good_text_from_file(self) -> None:
        """
        Whoever quotes values in YAML gets the same as from the environment.
        """
        wrong: list[object] = []
        for field, cases in TABLE.items():
            for text, expected in cases.good:
                loaded = self.load(cases.beside, file=_as_yaml(field, text))
                wrong += self._differences(field, text, expected, "file", loaded)
        self.assertEqual([], wrong)

    def test_good_text_from_option(self) -> None:
        """
        Each value works on the command line.
        """
        wrong: list[object] = []
        for field, cases in TABLE.items():
            if not setting_of(field).credential:
                for text, expected in cases.good:
                    loaded = self.load(cases.beside, options={field.upper(): text})
                    wrong += self._differences(field, text, expected, "option", loaded)
        self.assertEqual([], wrong)

    def test_good_yaml(self) -> None:
        """
        Numbers, booleans and lists may be written as YAML writes them.
        """
        wrong: list[object] = []
        for field, cases in TABLE.items():
            for text, expected in cases.good_yaml:
                loaded = self.load(cases.beside, file=f"{field.upper()}: {text}")
                wrong += self._differences(field, text, expected, "file", loaded)
        self.assertEqual([], wrong)

    def test_bad_values_are_replaced(self) -> None:
        """
        A slip of the operator never reaches the camera or opens the daemon.
        """
        wrong: list[object] = []
        for field, cases, given, loaded in self._bad():
            got = getattr(loaded.settings, field)
            if got != cases.taken or type(got) is not type(cases.taken):
                wrong.append((field, _brief(given), got))
        self.assertEqual([], wrong)

    def test_bad_values_are_named_in_origins(self) -> None:
        """
        ``--show-config`` shows which settings did not take.
        """
        wrong = [
            (field, _brief(given), loaded.origins[field.upper()])
            for field, cases, given, loaded in self._bad()
            if loaded.origins[field.upper()] != cases.origin
        ]
        self.assertEqual([], wrong)

    def test_bad_values_lock_or_do_not(self) -> None:
        """
        Nobody gets in because a credential was misspelt; nobody is kept out by a frame rate.
        """
        wrong = [
            (field, _brief(given))
            for field, _, given, loaded in self._bad()
            if loaded.settings.locked is not setting_of(field).credential
        ]
        self.assertEqual([], wrong)

    def test_bad_values_are_warned_about_once(self) -> None:
        """
        One slip, one line.
        """
        wrong = [
            (field, _brief(given), loaded.warnings)
            for field, _, given, loaded in self._bad()
            if len(loaded.warnings) != 1 or not loaded.warnings[0].startswith(field.upper())
        ]
        self.assertEqual([], wrong)

    def test_warnings_are_one_short_line(self) -> None:
        """
        However long or odd the value is, the log stays readable and nobody forges lines in it.
        """
        wrong = [
            (field, _brief(given), len(loaded.warnings[0]))
            for field, _, given, loaded in self._bad()
            if len(loaded.warnings[0]) > LONGEST_WARNING or not loaded.warnings[0].isprintable()
        ]
        self.assertEqual([], wrong)

    def _differences(
        self, field: str, given: str, expected: Any, origin: str, loaded: LoadedSettings
    ) -> Iterator[object]:
        got = getattr(loaded.settings, field)
        same = got == expected and type(got) is type(expected)
        if (
            not same
            or not TABLE[field].is_valid(got)
            or loaded.origins[field.upper()] != origin
            or loaded.warnings
            or loaded.settings.locked
        ):
            yield field, given, got, loaded.origins[field.upper()], loaded.warnings

    def _bad(self) -> Sequence[tuple[str, Cases, str, LoadedSettings]]:
        if not self._loaded:
            self._loaded.extend(self._load_bad())
        return self._loaded

    def _load_bad(self) -> Iterator[tuple[str, Cases, str, LoadedSettings]]:
        for field, cases in TABLE.items():
            name = field.upper()
            for text in cases.bad:
                yield field, cases, text, self.load({name: text, **cases.beside})
            good = {given for given, _ in cases.good_yaml}
            for text in (*cases.bad_yaml, *WRONG_TYPES):
                if text not in good:
                    yield field, cases, text, self.load(cases.beside, file=f"{name}: {text}")


class WarningTests(LoadingTestCase):
    """
    What the operator is told.

    """

    def test_names_setting_place_value_and_substitute(self) -> None:
        """
        One line of the log is enough to find the slip and to know how the daemon runs now.
        """
        self.assertEqual(
            "FPS (environment) is '121': Input should be less than or equal to 120; "
            "the default 0 is used.",
            self.only_warning(self.load({"FPS": "121"})),
        )

    def test_names_default_as_it_would_be_written(self) -> None:
        """
        The operator can copy the default from the warning.
        """
        self.assertIn(
            "the default 640x480 is used", self.only_warning(self.load({"RESOLUTION": "big"}))
        )

    def test_names_default_of_flag_as_it_would_be_written(self) -> None:
        """
        YAML and the environment say ``false``, not ``False``.
        """
        self.assertIn(
            "the default false is used", self.only_warning(self.load({"MOCK_CAMERA": "perhaps"}))
        )

    def test_names_missing_default(self) -> None:
        """
        Where there is no default, the warning says so in a word that people use.
        """
        self.assertIn("the default none is used", self.only_warning(self.load({"MOCK_FRAMES": ""})))

    def test_names_closed_choice(self) -> None:
        """
        Whoever cannot reach the camera any more reads why.
        """
        self.assertIn(
            "; 127.0.0.1 is used.", self.only_warning(self.load({"BIND_HOST": "everywhere"}))
        )

    def test_names_closed_choice_of_list(self) -> None:
        """
        No origin at all is called none.
        """
        self.assertIn("; none is used.", self.only_warning(self.load({"CORS_ORIGINS": "null"})))

    def test_names_the_item_that_is_wrong(self) -> None:
        """
        In a list of ten origins it says which one.
        """
        self.assertIn(
            "'ftp://b' is not an origin",
            self.only_warning(self.load({"CORS_ORIGINS": "http://a,ftp://b"})),
        )

    def test_shows_begin_of_long_value(self) -> None:
        """
        A pasted file does not fill the log, and can still be recognised.
        """
        warning = self.only_warning(self.load({"RESOLUTION": f"begin{HUGE_TEXT}"}))
        self.assertIn("'begin%%%", warning)

    def test_survives_number_too_long_to_print(self) -> None:
        """
        Python refuses to print some numbers; the daemon starts nevertheless.
        """
        loaded = self.load(file=f"FPS: 0x{HUGE_NUMBER}")
        self.assertTrue(self.only_warning(loaded).startswith("FPS (file) is "))

    def test_survives_value_that_grows_when_printed(self) -> None:
        """
        A few lines of YAML that stand for gigabytes of text cost neither time nor memory.
        """
        lines = ["A: &a0 [x, x]"]
        lines += [f"B{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 64)]
        for field in TABLE:
            warnings = self.load(file="\n".join([*lines, f"{field}: *a63"])).warnings
            self.assertTrue(all(len(warning) < LONGEST_WARNING for warning in warnings))

    def test_contradiction_of_rate_and_age(self) -> None:
        """
        Whoever asks for a picture every 20 s and calls 10 s stale would never see one.
        """
        self.assertEqual(
            "FPS 0.05 gives a picture every 20 s, but one older than MAX_FRAME_AGE_SECONDS (10) "
            "counts as stale.",
            self.only_warning(self.load({"FPS": "0.05"})),
        )

    def test_no_contradiction_at_the_limit(self) -> None:
        """
        A picture that comes just in time is no reason to warn.
        """
        self.assertEqual((), self.load({"FPS": "0.1"}).warnings)

    def test_idle_rate_that_makes_pictures_stale(self) -> None:
        """
        A camera that nobody watches is not called broken because it was told to be slow.
        """
        loaded = self.load({"IDLE_FPS": "0.1"})
        self.assertEqual(
            "IDLE_FPS 0.1 gives a picture every 10 s, but one older than MAX_FRAME_AGE_SECONDS "
            "(10) counts as stale; it is not used.",
            self.only_warning(loaded),
        )
        self.assertEqual(0.0, loaded.settings.usable_idle_fps)

    def test_idle_rate_that_slows_nothing_down(self) -> None:
        """
        Whoever has mixed up the two learns it.
        """
        loaded = self.load({"IDLE_FPS": "5", "FPS": "5"})
        self.assertEqual(
            "IDLE_FPS 5 is no less than the usual 5; it is not used.", self.only_warning(loaded)
        )
        self.assertEqual(0.0, loaded.settings.usable_idle_fps)

    def test_idle_rate_that_is_no_rest_from_the_camera_s_own(self) -> None:
        """
        Also where the usual rate is left to the camera.
        """
        loaded = self.load({"IDLE_FPS": "120"})
        self.assertEqual(
            "IDLE_FPS 120 is no less than the usual 30; it is not used.", self.only_warning(loaded)
        )
        self.assertEqual((120.0, 0.0), (loaded.settings.idle_fps, loaded.settings.usable_idle_fps))

    def test_idle_rate_that_can_be_used(self) -> None:
        """
        An ordinary one needs no warning, whether there is a rate to compare it with or not.
        """
        for environ in ({"IDLE_FPS": "1"}, {"IDLE_FPS": "1", "FPS": "5"}):
            loaded = self.load(environ)
            self.assertEqual(((), 1.0), (loaded.warnings, loaded.settings.usable_idle_fps))
        self.assertEqual(0.0, self.load().settings.usable_idle_fps)

    def test_lens_position_beside_autofocus(self) -> None:
        """
        Whoever sets the focus by hand and leaves the autofocus on would wonder in vain.
        """
        for mode in ("auto", "continuous"):
            warning = self.only_warning(self.load({"LENS_POSITION": "2", "AUTOFOCUS_MODE": mode}))
            self.assertEqual(
                f"LENS_POSITION acts only while AUTOFOCUS_MODE is manual, not {mode}.", warning
            )
        self.assertEqual((), self.load({"LENS_POSITION": "2"}).warnings)

    def test_control_names_its_range(self) -> None:
        """
        The log tells what would have been right.
        """
        self.assertEqual(
            "CONTRAST (environment) is '33': should be from 0 to 32; the default none is used.",
            self.only_warning(self.load({"CONTRAST": "33"})),
        )
        self.assertIn(
            "should be manual, auto or continuous",
            self.only_warning(self.load({"AUTOFOCUS_MODE": "on"})),
        )
