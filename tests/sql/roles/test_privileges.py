"""The matrix of rights: all functions, tables and schemas."""

from typing import LiteralString

import pytest

from tests.databases import Owner

SERVICE_FUNCTIONS = {
    "credits.get_balance",
    "credits.init_balance",
    "credits.use_credits",
    "credits.use_credits_batch",
    "credits.get_balances",
    "credits.refund_credits",
    "credits.grant_credits",
    "credits.reserve_credits",
    "credits.extend_reservation",
    "credits.capture_reservation",
    "credits.commit_reservation",
    "credits.get_reservation",
    "credits.list_prices",
    "credits.quote",
    "credits.release_reservation",
    "credits.explain_use",
    "credits.erase_user",
    "credits.init_guild_pool",
    "credits.fund_guild_pool",
    "credits.use_guild_credits",
    "credits.use_guild_credits_batch",
    "credits.set_spending_limits",
    "credits.get_spending_limits",
    "credits.get_limits",
    "credits.set_limits",
    "credits.get_guild_limits",
    "credits.set_guild_limits",
    "credits.freeze_account",
    "credits.unfreeze_account",
    "credits.get_spending",
    "credits.get_low_balance_alert",
    "credits.set_low_balance_alert",
    "credits.order_events",
    "credits.read_events",
    "credits.ack_events",
    "gifts.create_gift",
    "gifts.redeem_gift",
    "gifts.cancel_gift",
    "gifts.get_gift",
    "gifts.riddle_salt",
    "gifts.redeem_pending_gifts",
    "gifts.expire_gifts",
}
API_FUNCTIONS = SERVICE_FUNCTIONS | {
    "credits.admin_account",
    "credits.admin_cancel_gift",
    "credits.admin_find",
    "credits.admin_freeze",
    "credits.admin_grant",
    "credits.admin_list_actions",
    "credits.admin_list_prices",
    "credits.admin_make_service_key",
    "credits.admin_refund",
    "credits.admin_release",
    "credits.admin_revoke_service_key",
    "credits.admin_set_package",
    "credits.admin_set_price",
    "credits.admin_take",
    "credits.list_transactions",
    "credits.end_of_page",
    "credits.list_packages",
    "credits.list_service_keys",
    "credits.begin_purchase",
    "credits.save_stripe_customer",
    "credits.attach_payment",
    "credits.complete_purchase",
    "credits.fail_purchase",
    "credits.list_purchases",
    "credits.find_purchase",
    "credits.record_reversal",
    "credits.list_open_disputes",
    "credits.list_purchases_to_compare",
    "credits.list_customer_deletions",
    "credits.confirm_customer_deletion",
    "credits.claim_job",
    "credits.end_job",
    "credits.claim_webhooks",
    "credits.release_webhook",
    "credits.trim_events",
    "credits.list_usage",
    "credits.list_usage_by_operation",
    "credits.expire_due",
    "credits.expire_attempts",
    "credits.account_of_hold",
    "credits.continue_erasure",
    "credits.erasure_is_due",
    "credits.seal",
    "credits.claim_measurement",
    "credits.measure",
    "credits.get_metrics",
    "credits.get_guild_balance",
    "credits.list_guild_transactions",
    "credits.limits_time_zone",
    "gifts.list_created_gifts",
    "gifts.list_received_gifts",
}
# Functions that views of the reconciliation call, with the reader's rights.
LOOK_UPS = {
    "credits._act_hash",
    "credits._is_pseudonym",
    "credits._keyed_hash",
    "credits._words_hash",
    "credits._as_id",
    "credits._id_floor",
    "credits._costs_of",
    "credits._facts_of",
    "credits._has_other_side",
    "credits._spending_of",
    "credits.reprice",
    "credits._reconciliation_is_full",
    "credits._sequence_at",
    "credits._verified_until",
}
FUNCTIONS = {
    "credits_service": SERVICE_FUNCTIONS,
    "credits_api": API_FUNCTIONS,
    "credits_auditor": {
        "credits.reconcile",
        "credits._definitions",
        "credits.export_seals",
        "credits.compare_seals",
        "credits.hash_entries",
        *LOOK_UPS,
    },
}
SCHEMAS = {
    "credits_service": {"credits", "gifts"},
    "credits_api": {"credits", "gifts"},
    "credits_auditor": {"credits", "gifts", "reconcile"},
}
WRITERS = {"credits._post", "credits._post_batch", "credits._refuse_other_writers"}
OURS = "('credits', 'gifts', 'reconcile')"

roles = pytest.mark.parametrize("role", ["credits_service", "credits_api", "credits_auditor"])


def names(owner: Owner, query: LiteralString, *parameters: object) -> set[str]:
    return {row["name"] for row in owner.execute(query, parameters)}


def relations(owner: Owner, role: str, privilege: str) -> set[str]:
    """The tables and views on which, or on a column of which, a role has a privilege."""
    columns = {"SELECT", "INSERT", "UPDATE", "REFERENCES"}
    has = "has_any_column_privilege" if privilege in columns else "has_table_privilege"
    return names(
        owner,
        f"""
        select format('%%s.%%s', n.nspname, c.relname) as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in {OURS} and c.relkind in ('r', 'v', 'm', 'p', 'f')
            and {has}(%s, c.oid, %s)
        """,
        role,
        privilege,
    )


@roles
def test_functions_are_those_of_the_role(owner: Owner, role: str) -> None:
    found = names(
        owner,
        """
        select format('%%s.%%s', n.nspname, p.proname) as name
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('credits', 'gifts', 'reconcile')
            and has_function_privilege(%s, p.oid, 'EXECUTE')
        """,
        role,
    )
    assert found == FUNCTIONS[role]


@roles
def test_schemas_are_those_of_the_role(owner: Owner, role: str) -> None:
    found = names(
        owner,
        "select nspname as name from pg_namespace "
        "where nspname in ('credits', 'gifts', 'reconcile') "
        "and has_schema_privilege(%s, oid, 'USAGE')",
        role,
    )
    assert found == SCHEMAS[role]


@roles
def test_nothing_can_be_created_in_any_schema(owner: Owner, role: str) -> None:
    found = names(
        owner,
        "select nspname as name from pg_namespace "
        "where nspname !~ '^pg_(temp|toast)' and has_schema_privilege(%s, oid, 'CREATE')",
        role,
    )
    assert found == set()


@roles
def test_no_schema_can_be_created(owner: Owner, role: str) -> None:
    row = owner.execute(
        "select has_database_privilege(%s, current_database(), 'CREATE') as may", (role,)
    ).fetchone()
    assert row == {"may": False}


@pytest.mark.parametrize("role", ["credits_service", "credits_api"])
@pytest.mark.parametrize(
    "privilege", ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
)
def test_callers_have_no_privilege_on_any_table(owner: Owner, role: str, privilege: str) -> None:
    assert relations(owner, role, privilege) == set()


@pytest.mark.parametrize(
    "privilege", ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
)
def test_auditors_write_no_table(owner: Owner, privilege: str) -> None:
    assert relations(owner, "credits_auditor", privilege) == set()


def test_auditors_read_every_table_and_view_but_secrets(owner: Owner) -> None:
    readable = relations(owner, "credits_auditor", "SELECT")
    secret = {"credits.address_key", "credits.webhook_secrets"}
    assert readable == relations(owner, "credits_owner", "SELECT") - secret
    assert {"credits.transactions", "gifts.gift_codes", "reconcile.broken_chains"} <= readable


def test_everybody_else_has_no_privilege(owner: Owner) -> None:
    owner.execute("create role a_stranger nologin")
    for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        assert relations(owner, "a_stranger", privilege) == set()
    found = names(
        owner,
        """
        select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('credits', 'gifts', 'reconcile')
            and has_function_privilege('a_stranger', p.oid, 'EXECUTE')
        """,
    )
    assert found == set()


def test_owner_owns_everything_but_the_writers(owner: Owner) -> None:
    found = names(
        owner,
        """
        select c.oid::regclass::text as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('credits', 'gifts', 'reconcile')
            and c.relowner <> 'credits_owner'::regrole
        union all
        select format('%%s.%%s', n.nspname, p.proname)
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('credits', 'gifts', 'reconcile')
            and p.proowner <> 'credits_owner'::regrole
        """,
    )
    assert found == WRITERS


def test_ledger_role_owns_the_writers_and_nothing_else(owner: Owner) -> None:
    found = names(
        owner,
        """
        select case d.classid when 'pg_proc'::regclass
            then (
                select format('%%s.%%s', p.pronamespace::regnamespace, p.proname)
                from pg_proc p where p.oid = d.objid
            )
            else pg_describe_object(d.classid, d.objid, d.objsubid)
        end as name
        from pg_shdepend d
        where d.refclassid = 'pg_authid'::regclass
            and d.refobjid = 'credits_ledger'::regrole
            and d.deptype = 'o'
            and d.dbid = (select oid from pg_database where datname = current_database())
            and d.classid <> 'pg_default_acl'::regclass
        """,
    )
    assert found == WRITERS


def test_ledger_role_is_a_member_of_nothing_and_nobody_of_it(owner: Owner) -> None:
    found = names(
        owner,
        """
        select m.member::regrole::text as name from pg_auth_members m
        where 'credits_ledger'::regrole in (m.roleid, m.member)
            and not (select rolsuper from pg_roles r where r.oid = m.member)
        """,
    )
    assert found == set()


def test_ledger_role_alone_inserts_entries(owner: Owner) -> None:
    found = names(
        owner,
        """
        select coalesce(nullif(x.grantee, 0)::regrole::text, 'public') as name
        from pg_class c cross join lateral aclexplode(c.relacl) x
        where c.oid = 'credits.entries'::regclass and x.privilege_type = 'INSERT'
        """,
    )
    assert found == {"credits_ledger"}


def test_ledger_role_writes_nothing_else_and_creates_nothing(owner: Owner) -> None:
    written = {
        privilege: relations(owner, "credits_ledger", privilege)
        for privilege in ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    }
    # To lock an account one needs to be able to update a column of it.
    assert {name: found for name, found in written.items() if found} == {
        "INSERT": {"credits.entries"},
        "UPDATE": {"credits.accounts"},
    }
    schemas = names(
        owner,
        "select nspname as name from pg_namespace where nspname !~ '^pg_(temp|toast)' "
        "and has_schema_privilege('credits_ledger', oid, 'CREATE')",
    )
    assert schemas == set()


def test_public_may_execute_no_function_of_our_roles(owner: Owner) -> None:
    found = names(
        owner,
        """
        select p.oid::regprocedure::text as name
        from pg_proc p
        cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
        where x.grantee = 0 and p.proowner::regrole::text like 'credits\\_%%'
        """,
    )
    assert found == set()


@pytest.mark.off_books
def test_function_that_our_roles_make_from_now_on_is_not_for_everybody(owner: Owner) -> None:
    with owner.rights() as superuser:
        superuser.execute("grant create on schema credits to credits_ledger")
        for role in ("credits_owner", "credits_ledger"):
            superuser.execute(f"set local role {role}")
            superuser.execute(
                f"create function credits.by_{role}() returns integer language sql return 1"
            )
            superuser.execute("reset role")
            may = superuser.execute(
                "select has_function_privilege('test_service', %s, 'EXECUTE') as may",
                (f"credits.by_{role}()",),
            )
            assert may.fetchone() == {"may": False}


def test_group_roles_cannot_log_in_or_do_anything_special(owner: Owner) -> None:
    found = names(
        owner,
        """
        select rolname as name from pg_roles
        where rolname like 'credits\\_%%' and (
            rolcanlogin or rolsuper or rolcreaterole or rolcreatedb or rolreplication
            or rolbypassrls
        )
        """,
    )
    assert found == set()


def test_no_caller_is_a_member_of_the_owner(owner: Owner) -> None:
    found = names(
        owner,
        """
        select rolname as name from pg_roles
        where rolname in (
            'credits_service', 'credits_api', 'credits_auditor',
            'test_service', 'test_api', 'test_auditor'
        ) and pg_has_role(rolname, 'credits_owner', 'MEMBER')
        """,
    )
    assert found == set()


def test_every_function_with_the_owners_rights_has_its_own_search_path(owner: Owner) -> None:
    found = names(
        owner,
        """
        select p.oid::regprocedure::text as name
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('credits', 'gifts', 'reconcile')
            and p.prosecdef
            and not coalesce(p.proconfig, '{}') @> array['search_path=pg_catalog, pg_temp']
        """,
    )
    assert found == set()


def test_every_check_at_the_end_of_a_transaction_has_the_owners_rights(owner: Owner) -> None:
    # Before PostgreSQL 18 it would run with those of whoever commits.
    found = names(
        owner,
        """
        select p.oid::regprocedure::text as name
        from pg_trigger t
        join pg_proc p on p.oid = t.tgfoid
        join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('credits', 'gifts', 'reconcile')
            and t.tgdeferrable and not p.prosecdef
        """,
    )
    assert found == set()


@roles
def test_every_callable_function_but_the_reconciliation_has_the_owners_rights(
    owner: Owner, role: str
) -> None:
    found = names(
        owner,
        """
        select format('%%s.%%s', n.nspname, p.proname) as name
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('credits', 'gifts', 'reconcile')
            and has_function_privilege(%s, p.oid, 'EXECUTE') and not p.prosecdef
        """,
        role,
    )
    assert found <= {"credits.reconcile"} | LOOK_UPS
