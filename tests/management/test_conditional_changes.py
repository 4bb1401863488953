"""
Tests for changes that hold only of what the client has read.

"""

import json

from tests.management.routes_case import ManagementTestCase
from tests.memory_management import decoded


class ConditionTests(ManagementTestCase):
    """
    Two operators at once.

    """

    def setUp(self) -> None:
        super().setUp()
        self.daemon.register("front")
        self.etag = self.daemon.ask("/api/nodes/front").headers["ETag"]

    def put(self, name: str, if_match: str) -> int:
        """
        :returns: The status of an attempt to change the name.
        """
        headers = {"If-Match": if_match}
        return self.daemon.ask("/api/nodes/front", "PUT", {"name": name}, headers).status

    def test_etag_is_strong_and_follows_changes(self) -> None:
        """
        It says which state of the node one has read.
        """
        self.assertRegex(self.etag, '^"[0-9]+"$')
        changed = self.daemon.ask("/api/nodes/front", "PUT", {"name": "x"}).headers["ETag"]
        self.assertNotEqual(changed, self.etag)
        self.assertEqual(self.daemon.ask("/api/nodes/front").headers["ETag"], changed)

    def test_change_of_what_was_read(self) -> None:
        """
        The second one learns that the first one was faster.
        """
        self.assertEqual(self.put("first", self.etag), 200)
        self.assertEqual(self.put("second", self.etag), 412)
        self.assertEqual(decoded(self.daemon.ask("/api/nodes/front"))["name"], "first")

    def test_lists_and_stars(self) -> None:
        """
        One of several will do, or any.
        """
        self.assertEqual(self.put("a", f'"0", {self.etag}'), 200)
        self.assertEqual(self.put("b", "*"), 200)
        self.assertEqual(self.put("c", '"0", "1000"'), 412)

    def test_weak_tags_do_not_match(self) -> None:
        """
        Almost the same is not the same (RFC 9110, section 13.1.1).
        """
        self.assertEqual(self.put("a", f"W/{self.etag}"), 412)

    def test_malformed_tags_are_refused(self) -> None:
        """
        A shell that has eaten the quotes does not make a change unconditional.
        """
        reply = self.daemon.ask("/api/nodes/front", "PUT", {}, {"If-Match": self.etag.strip('"')})
        self.assertEqual(
            (reply.status, list(decoded(reply)["error"]["details"])), (400, ["If-Match"])
        )

    def test_refusal_names_the_node(self) -> None:
        """
        And tells what happened.
        """
        reply = self.daemon.ask("/api/nodes/front", "PUT", {}, {"If-Match": '"0"'})
        error = decoded(reply)["error"]
        self.assertEqual((error["code"], error["node_id"]), ("PRECONDITION_FAILED", "front"))

    def test_deletion(self) -> None:
        """
        Nobody deletes what has become something else.
        """
        for if_match, status in (('"0"', 412), (f'"0", {self.etag}', 204), ("*", 404)):
            reply = self.daemon.ask("/api/nodes/front", "DELETE", None, {"If-Match": if_match})
            self.assertEqual(reply.status, status, if_match)

    def test_reading_what_is_known(self) -> None:
        """
        A page that asks every few seconds gets the node once.
        """
        for if_none_match, status in ((self.etag, 304), (f"W/{self.etag}", 304), ('"0"', 200)):
            headers = {"If-None-Match": if_none_match}
            reply = self.daemon.ask("/api/nodes/front", headers=headers)
            self.assertEqual((reply.status, reply.headers["ETag"]), (status, self.etag))

    def test_unconditional_changes_all_count(self) -> None:
        """
        Two programs that each set their own field at the same time both succeed.
        """
        clients = [self.daemon.client() for _ in range(20)]
        for number, client in enumerate(clients):
            body = json.dumps({"labels": {"n": str(number)}} if number else {"name": "Door"})
            # Past the settling of the client: they are all there before the first is done.
            client.protocol.dataReceived(
                b"PUT /api/nodes/front HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body.encode())
            )
        self.daemon.settle()
        for client in clients:
            self.assertTrue(client.received().startswith(b"HTTP/1.1 200 "))
        changed = decoded(self.daemon.ask("/api/nodes/front"))
        self.assertEqual((changed["name"], list(changed["labels"])), ("Door", ["n"]))

    def test_client_that_leaves_has_changed_the_node_all_the_same(self) -> None:
        """
        A change that has begun is made, and nothing is left half done.
        """
        client = self.daemon.client()
        client.protocol.dataReceived(
            b"PUT /api/nodes/front HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b'Content-Length: 15\r\n\r\n{"name":"Door"}'
        )
        client.leave()
        self.daemon.settle()
        self.assertEqual(decoded(self.daemon.ask("/api/nodes/front"))["name"], "Door")
