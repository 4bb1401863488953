"""
Tests of which place wins: option, environment, file, default.

"""

from motion_in_ocean.settings import load_settings, setting_of
from tests.settings.loading import LoadingTestCase
from tests.settings.table import TABLE

FILE = "JPEG_QUALITY: 10"
ENVIRON = {"JPEG_QUALITY": "20"}
OPTIONS = {"JPEG_QUALITY": "30"}


class PrecedenceTests(LoadingTestCase):
    """
    One setting given in several places.

    """

    def test_file_over_default(self) -> None:
        """
        A file is enough to set something.
        """
        loaded = self.load(file=FILE)
        self.assertEqual(
            (10, "file"), (loaded.settings.jpeg_quality, loaded.origins["JPEG_QUALITY"])
        )

    def test_environment_over_file(self) -> None:
        """
        One container of many can differ from the file that they share.
        """
        loaded = self.load(ENVIRON, file=FILE)
        self.assertEqual(
            (20, "environment"), (loaded.settings.jpeg_quality, loaded.origins["JPEG_QUALITY"])
        )

    def test_option_over_environment_and_file(self) -> None:
        """
        Whoever tries something out on the command line gets it.
        """
        loaded = self.load(ENVIRON, file=FILE, options=OPTIONS)
        self.assertEqual(
            (30, "option"), (loaded.settings.jpeg_quality, loaded.origins["JPEG_QUALITY"])
        )

    def test_each_setting_has_its_own_place(self) -> None:
        """
        A file, variables and options add up.
        """
        loaded = self.load({"FPS": "5"}, file="PORT: 81", options={"RESOLUTION": "320x240"})
        settings = loaded.settings
        self.assertEqual((5.0, 81, (320, 240)), (settings.fps, settings.port, settings.resolution))

    def test_invalid_option_does_not_fall_through(self) -> None:
        """
        A slip is not hidden by an older value that happens to stand somewhere else.
        """
        loaded = self.load(ENVIRON, file=FILE, options={"JPEG_QUALITY": "lots"})
        self.assertEqual(100, loaded.settings.jpeg_quality)

    def test_invalid_variable_does_not_fall_through(self) -> None:
        """
        The same for every setting, whether its fall-back is the default or the closed choice.
        """
        wrong = []
        for field, cases in TABLE.items():
            good = cases.good[0][0]
            loaded = self.load(
                {field.upper(): cases.bad[0], **cases.beside}, file=f"{field}: {good!r}"
            )
            if getattr(loaded.settings, field) != cases.taken:
                wrong.append(field)
        self.assertEqual([], wrong)

    def test_values_that_lost_need_no_warning(self) -> None:
        """
        What is not used cannot be wrong.
        """
        loaded = self.load({"JPEG_QUALITY": "lots"}, file="JPEG_QUALITY: more", options=OPTIONS)
        self.assertEqual((), loaded.warnings)

    def test_empty_variable_counts_as_given(self) -> None:
        """
        Who sets CORS_ORIGINS to nothing wants none, whatever the file says.
        """
        loaded = self.load({"CORS_ORIGINS": ""}, file="CORS_ORIGINS: 'http://a'")
        self.assertEqual((), loaded.settings.cors_origins)

    def test_empty_value_in_file_is_a_slip(self) -> None:
        """
        A name without a value is not taken for the open default.
        """
        loaded = self.load(file="CORS_ORIGINS:")
        self.assertEqual(
            ((), "invalid, closed"), (loaded.settings.cors_origins, loaded.origins["CORS_ORIGINS"])
        )

    def test_secret_file_over_secret_of_lower_place(self) -> None:
        """
        A container's secret file replaces the token in the settings file.
        """
        loaded = self.load({"AUTH_TOKEN_FILE": self.written("new")}, file="AUTH_TOKEN: old")
        token = loaded.settings.auth_token
        self.assertEqual("new", token.get_secret_value() if token else None)

    def test_unusable_secret_file_does_not_fall_through(self) -> None:
        """
        A secret that was not mounted does not bring an old token back to life.
        """
        loaded = self.load({"AUTH_TOKEN_FILE": self.mktemp()}, file="AUTH_TOKEN: old")
        self.assertEqual((True, None), (loaded.settings.locked, loaded.settings.auth_token))

    def test_lower_case_variable_is_another_variable(self) -> None:
        """
        Variables such as ``port`` that a shell happens to hold change nothing.
        """
        self.assertEqual(8000, self.load({"port": "81"}).settings.port)

    def test_foreign_variables_are_no_slips(self) -> None:
        """
        An environment is full of names that are not ours.
        """
        self.assertEqual((), self.load({"PATH": "/bin", "FPS_FILE": "/x", "LOCKED": "1"}).warnings)


class ConfigPathTests(LoadingTestCase):
    """
    Which file is read.

    """

    def test_named_by_variable(self) -> None:
        """
        CONFIG_FILE is enough in a compose file.
        """
        environ = {"CONFIG_FILE": self.written("PORT: 81")}
        self.assertEqual(81, load_settings({}, environ).settings.port)

    def test_option_over_variable(self) -> None:
        """
        ``--config`` replaces CONFIG_FILE as a whole; the two do not add up.
        """
        environ = {"CONFIG_FILE": self.written("PORT: 81\nFPS: 9")}
        settings = load_settings({}, environ, self.written("PORT: 82")).settings
        self.assertEqual((82, 0.0), (settings.port, settings.fps))

    def test_no_file(self) -> None:
        """
        The daemon needs no file.
        """
        self.assertEqual(8000, load_settings({}, {}).settings.port)


class KeyTests(LoadingTestCase):
    """
    The names in a settings file.

    """

    def test_any_case(self) -> None:
        """
        YAML is mostly written in lower case, the README's names are in upper case.
        """
        loaded = self.load(file="port: 81\nFps: 9\nJPEG_QUALITY: 50")
        settings = loaded.settings
        self.assertEqual(
            (81, 9.0, 50, ()),
            (settings.port, settings.fps, settings.jpeg_quality, loaded.warnings),
        )

    def test_unknown_name_gets_nearest(self) -> None:
        """
        A slip of one letter is found by reading one line.
        """
        self.assertEqual(
            "'JPEG_QUALTY' in the settings file is not a setting; did you mean JPEG_QUALITY?",
            self.only_warning(self.load(file="JPEG_QUALTY: 10")),
        )

    def test_unknown_name_like_none(self) -> None:
        """
        A wild guess would confuse more than it helps.
        """
        self.assertEqual(
            "'KETTLE' in the settings file is not a setting.",
            self.only_warning(self.load(file="kettle: on")),
        )

    def test_file_form_of_setting_that_is_no_secret(self) -> None:
        """
        Only secrets can be read from a file of their own.
        """
        loaded = self.load(file="PORT_FILE: /x")
        self.assertEqual(8000, loaded.settings.port)
        self.assertIn("'PORT_FILE' in the settings file", self.only_warning(loaded))

    def test_locked_is_no_setting(self) -> None:
        """
        What the daemon concludes cannot be set.
        """
        loaded = self.load(file="LOCKED: true")
        self.assertFalse(loaded.settings.locked)
        self.assertIn("'LOCKED' in the settings file", self.only_warning(loaded))

    def test_keys_that_are_no_text(self) -> None:
        """
        Whatever YAML takes for a name is an unknown name, not the end of the start.
        """
        for key in ("1", "1.5", ".nan", "null", "~", "true", "on", "2001-01-01", "!!binary YQ=="):
            self.assertIn(
                "is not a setting", self.only_warning(self.load(file=f"{key}: 1\nPORT: 8000"))
            )

    def test_key_that_is_a_number_too_long_to_print(self) -> None:
        """
        Python refuses to print some numbers; the daemon starts nevertheless.
        """
        loaded = self.load(file=f"? 0x{'f' * 5000}\n: 1")
        self.assertIn("is not a setting", self.only_warning(loaded))

    def test_long_key(self) -> None:
        """
        A pasted file does not fill the log.
        """
        loaded = self.load(file=f"? {'x' * 100_000}\n: 1")
        self.assertLess(len(self.only_warning(loaded)), 200)

    def test_key_with_line_breaks(self) -> None:
        """
        Nobody forges a line of the log.
        """
        self.assertTrue(self.only_warning(self.load(file='"a\\nb\\e[2J": 1')).isprintable())

    def test_key_that_ran_into_its_value(self) -> None:
        """
        A secret behind a colon without a blank is a part of the name to YAML, not to us.
        """
        for file in ("{AUTH_TOKEN:canary, PORT: 81}", "AUTH_TOKEN=canary: 1", "AUTH_TOKEN:canary:"):
            warning = self.only_warning(self.load(file=file))
            self.assertIn("did you mean AUTH_TOKEN?", warning)
            self.assertNotIn("canary", warning.lower())

    def test_repeated_name(self) -> None:
        """
        YAML silently takes the last; who edits the first line wonders why nothing changes.
        """
        loaded = self.load(file="PORT: 81\nFPS: 9\nPORT: 82")
        self.assertEqual(82, loaded.settings.port)
        self.assertEqual(
            "PORT is set more than once in the settings file; the last one counts.",
            self.only_warning(loaded),
        )

    def test_repeated_name_in_other_case(self) -> None:
        """
        The same name in another case is the same name.
        """
        loaded = self.load(file="PORT: 81\nport: 82")
        self.assertEqual(82, loaded.settings.port)
        self.assertIn("PORT is set more than once", self.only_warning(loaded))

    def test_names_merged_from_anchor_may_repeat(self) -> None:
        """
        To change one of the merged values is what YAML's merge key is for.
        """
        loaded = self.load(file="<<: {PORT: 81, FPS: 9}\nPORT: 82")
        settings = loaded.settings
        self.assertEqual((82, 9.0, ()), (settings.port, settings.fps, loaded.warnings))


class SettingTests(LoadingTestCase):
    """
    What is known of each setting.

    """

    def test_secrets_are_credentials(self) -> None:
        """
        A secret that is no credential would get a command-line option, for all to read.
        """
        secret = {field for field in TABLE if setting_of(field).secret}
        self.assertEqual({"auth_token", "auth_password"}, secret)
        self.assertTrue(all(setting_of(field).credential for field in secret))

    def test_every_setting_has_help(self) -> None:
        """
        ``--help`` has a line for each.
        """
        self.assertEqual([], [field for field in TABLE if not setting_of(field).help])
