"""Settings of a caller for its own texts do not change what is accepted."""

from tests.databases import Database, become_service, refused
from tests.sql.calls import gift, give, use


def test_texts_and_ids_are_read_alike_whatever_backslashes_mean(database: Database) -> None:
    """In a session whose plain literals know escapes, and which has called nothing before."""
    connection = database.connect()
    connection.execute("set standard_conforming_strings = off")
    become_service(connection)
    give(connection, "u1 back\\slash", 10)
    used = use(connection, "u1 back\\slash", 1, description="tab\there, bell\x07, u0001")
    assert used["description"] == "tab\there, bell\ufffd, u0001"
    with refused(connection, "UC001"):
        give(connection, "u\x1f1", 10)
    made = gift(connection, "u1 back\\slash", 1, target_email="ann@ex-ample.com")
    assert made["target_email"] == "ann@ex-ample.com"
    with refused(connection, "UC001"):
        gift(connection, "u1 back\\slash", 1, target_email="ann;@example.com")
