"""Invoices of one tenant, for the tests of pages that list them and offer them to take along."""

from argosy.core.tenant import InvoiceHead, Paper


class Papers:
    """Two of them: a draft, which the operator alone sees, and one that is overdue."""

    tenant = ""

    def of_tenant(self, tenant: str) -> list[InvoiceHead]:
        """What the tenant sees."""
        return [head for head in self.of_all() if head.tenant == tenant and head.state != "draft"]

    def of_all(self, tenant: str | None = None) -> list[InvoiceHead]:
        """What the operator sees."""
        if tenant not in {None, self.tenant}:
            return []
        return [self._head("inv_2", "2026-11", "draft"), self._head("inv_1", "2026-10", "overdue", due=0)]

    def paper(self, tenant: str | None, invoice: str, form: str, language: str) -> Paper | None:
        """The form and the language as its text."""
        shown = self.of_all() if tenant is None else self.of_tenant(tenant)
        if invoice not in {head.id for head in shown}:
            return None
        return Paper(name=f"{invoice}.{form}", media_type="text/plain", body=f"{form} {language}".encode())

    def _head(self, id_: str, month: str, state: str, due: int | None = None) -> InvoiceHead:
        return InvoiceHead(
            id=id_, tenant=self.tenant, month=month, state=state, currency="CNY", total=12_500_000, due=due
        )
