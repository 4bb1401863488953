"""
Tests for requests that depend on what the client knows already.

"""

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers

from motion_in_ocean.errors import InvalidRequest
from motion_in_ocean.web import if_match
from motion_in_ocean.web._conditions import is_known


def header(name: str, *values: str) -> Headers:
    """
    :returns: What a request has with these values of one header.
    """
    return Headers({name: list(values)} if values else {})


class IfMatchTests(SynchronousTestCase):
    """
    Whoever writes says what they have read.

    """

    def test_lists(self) -> None:
        """
        However it is split, it is one list, and a comma within a tag is part of it.
        """
        for values, tags in (
            (['"1"'], ['"1"']),
            (['"1", "22" ,"3"'], ['"1"', '"22"', '"3"']),
            (['"1"', '"2"'], ['"1"', '"2"']),
            (['"a,b", W/"1"'], ['"a,b"', 'W/"1"']),
        ):
            self.assertEqual(if_match(header("If-Match", *values)), tags)

    def test_no_text(self) -> None:
        """
        What is not UTF-8 is a tag that we have never given, and no mistake of ours.
        """
        self.assertEqual(if_match(Headers({b"If-Match": [b'"\xc3("']})), ['"\xc3("'])
        self.assertFalse(is_known(Headers({b"If-None-Match": [b'"\xff"']}), '"1"'))

    def test_any_will_do(self) -> None:
        """
        A star asks for nothing but that there be something; no header for not even that.
        """
        self.assertIsNone(if_match(header("If-Match")))
        self.assertIsNone(if_match(header("If-Match", " * ")))

    def test_what_is_no_tag_is_refused(self) -> None:
        """
        Quotes are easily lost on the way through a shell; to write all the same would be wrong.
        """
        for value in ("7", "", '"7', '"7" "8"', '"7",', "*, *", 'w/"7"', '"7";'):
            self.assertRaises(InvalidRequest, if_match, header("If-Match", value))


class IfNoneMatchTests(SynchronousTestCase):
    """
    Whoever reads says what they have.

    """

    def test_known(self) -> None:
        """
        A proxy may have weakened the tag.
        """
        for value in ('"7"', 'W/"7"', '"6", "7"', "*"):
            self.assertTrue(is_known(header("If-None-Match", value), '"7"'), value)

    def test_not_known(self) -> None:
        """
        Near misses are misses.
        """
        self.assertFalse(is_known(header("If-None-Match"), '"7"'))
        for value in ('"77"', '"6", "8"', '"W/7"', "7", ""):
            self.assertFalse(is_known(header("If-None-Match", value), '"7"'), value)
