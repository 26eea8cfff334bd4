import time
from databases import Connection, Database
from sql.calls import call, give, gift, pool, use_guild
from sql.concurrency.outcomes import session
from sql.lifecycle import erase


def cpu(c):
    f = open(f"/proc/{c.info.backend_pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(f[11]) + int(f[12])) / 100


def steps(c, dba):
    out = []
    while True:
        t = time.monotonic()
        more = dba.execute("select credits.continue_erasure() as m").fetchone()["m"]
        out.append(time.monotonic() - t)
        if not more:
            return out


def test_entries(database: Database) -> None:
    c = session(database)
    dba = database.connect(autocommit=True)
    give(c, "u1", 1000000)
    pool(c, "g1", 100000)
    t = time.monotonic()
    for _ in range(23):
        c.execute(
            "select count(*) from generate_series(1,10000) i cross join lateral credits.use_credits(p_user_id=>'u1',p_amount=>0.5,p_app_id=>'chat',p_description=>'An answer of some length '||i, p_idempotency_key=>'k'||gen_random_uuid()) u"
        )
    print("made", time.monotonic() - t)
    dba.execute("vacuum analyze credits.entries")
    t = time.monotonic()
    a = erase(c, "u1")
    print("asked", time.monotonic() - t, a)
    u = cpu(dba)
    print(steps(c, dba), "cpu", cpu(dba) - u)
    print(erase(c, "u1"))


def test_gifts(database: Database) -> None:
    c = session(database)
    dba = database.connect(autocommit=True)
    give(c, "u1", 1000000)
    t = time.monotonic()
    for _ in range(12):
        c.execute(
            "select count(*) from generate_series(1,1000) i cross join lateral gifts.create_gift(p_creator_id=>'u1',p_total_credits=>2, p_idempotency_key=>'k'||gen_random_uuid()) u"
        )
    print("made", time.monotonic() - t)
    dba.execute("analyze")
    t = time.monotonic()
    a = erase(c, "u1")
    print("asked", time.monotonic() - t, a)
    u = cpu(dba)
    s = steps(c, dba)
    print("cpu", cpu(dba) - u)
    print(len(s), sum(s), max(s), s[-3:])
    print(erase(c, "u1"))
