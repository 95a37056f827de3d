"""Learning which changes of a contract touch whom, before a verdict or a notice asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.errors import ContractError, OutsideError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from ci_steps.dictionary.contracts.kept import Comparison
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.jobs.comparing import Formats
    from ci_steps.uses.narrowed import Narrowed
    from ci_steps.uses.values import Uses


def narrow_known(
    dictionary: Dictionary,
    formats: Formats,
    provider: str,
    *,
    contract: str = "",
    uses: Uses | None = None,
) -> None:
    """Keep which changes of *provider* touch each live dependent that says what it uses.

    The comparisons are those that lead to a contract of it that is live, or to *contract*, by
    the digest; *uses* are those of somebody who is not live yet. What is known already is not
    asked again, and who cannot be told apart is left as not known.
    """
    from ci_steps.dictionary.contracts.narrowings import keep_narrowed, missing

    with dictionary.reading() as connection:
        wanted = missing(connection, provider, contract, uses)
    found = [(one, _narrowed(dictionary, formats, one, used)) for one, used in wanted]

    def keep(connection: Connection) -> None:
        for compared, by_digest in found:
            for digest, narrowed in by_digest.items():
                keep_narrowed(connection, compared.old, compared.new, digest, narrowed)

    if any(by_digest for _, by_digest in found):
        dictionary.write(keep)


def _narrowed(
    dictionary: Dictionary, formats: Formats, compared: Comparison, uses: Mapping[str, Uses]
) -> dict[str, Narrowed]:
    from ci_steps.dictionary.contracts.kept import kept_contract

    with dictionary.reading() as connection:
        old = kept_contract(connection, compared.old, "the contract before")
    if old is None:
        return {}
    try:
        narrow = formats.narrower(old, compared.format)
        return {digest: narrow(compared.changes, used) for digest, used in uses.items()}
    except (ContractError, OutsideError) as error:
        import logging

        logging.getLogger(__name__).debug("which changes touch whom is not known: %s", error)
        return {}
