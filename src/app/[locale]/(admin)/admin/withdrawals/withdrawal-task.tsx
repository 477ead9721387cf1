import { randomUUID } from "node:crypto";
import { subSeconds } from "date-fns";
import { useLocale, useTranslations } from "next-intl";
import type { ListedWithdrawal, MatchedContract } from "@/admin/withdrawals";
import { itemName } from "@/catalog/items";
import { Facts, Identifier } from "@/components/admin/facts";
import { ReasonDialog } from "@/components/admin/reason-dialog";
import { UserLink } from "@/components/admin/user-link";
import { DateTime } from "@/components/date-time";
import { Money } from "@/components/money";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { useCreditsText } from "@/components/use-credits-text";
import { formatMoney } from "@/lib/formats";
import { closeWithdrawal } from "./actions";
import { RefundButton } from "./refund-button";

/** A statement of withdrawal: what was stated, what the law requires, and what an admin can do about it. */
export function WithdrawalTask({ row, now }: { row: ListedWithdrawal; now: Date }) {
  const t = useTranslations("admin.withdrawals");
  const { id, name, email, purchase, status, submittedAt, reimburseBy, matchedUserId } = row;
  const isOpen = status === "open";
  return (
    <Card className="grid gap-5">
      <CardHeader
        title={purchase === "" ? row.contractId : purchase}
        description={
          <>
            {name} {email !== "" && `<${email}>`}
          </>
        }
        aside={
          isOpen && reimburseBy < now ? (
            <Badge tone="destructive">{t("overdue")}</Badge>
          ) : (
            <Badge>{t(`statuses.${status}`)}</Badge>
          )
        }
      />
      <Facts
        facts={[
          { label: t("submittedAt"), value: <DateTime instant={submittedAt} /> },
          { label: t("reimburseBy"), value: <DateTime instant={reimburseBy} kind="date" /> },
          {
            label: t("consumer"),
            value:
              matchedUserId === null ? (
                t("noMatch")
              ) : (
                <UserLink userId={matchedUserId} emails={new Map([[matchedUserId, email]])} />
              ),
          },
        ]}
      />
      {isOpen && matchedUserId !== null && row.contracts.length === 0 && (
        <p className="text-muted-foreground text-sm">{t("noContract")}</p>
      )}
      {row.contracts.map((contract) => (
        <ContractCard key={contract.id} withdrawalId={id} contract={contract} />
      ))}
      {isOpen && (
        <div>
          <ReasonDialog
            label={t("close")}
            title={t("closeTitle")}
            description={t("closeText")}
            action={closeWithdrawal}
            input={{ id: randomUUID(), withdrawalId: id }}
          />
        </div>
      )}
    </Card>
  );
}

function ContractCard({
  withdrawalId,
  contract,
}: {
  withdrawalId: string;
  contract: MatchedContract;
}) {
  const t = useTranslations("admin.withdrawals");
  const locale = useLocale();
  const credits = useCreditsText();
  const { id: contractId, item, currency, paidCents, returnedCents, refundCents } = contract;
  const amount = formatMoney(refundCents, currency, locale);
  const name = itemName(item, locale);
  return (
    <div className="grid gap-4 rounded-md border p-4">
      <p className="flex flex-wrap items-center gap-2 font-medium">
        {name}
        <Badge tone={contract.isInTime ? "success" : "warning"}>
          {t(contract.isInTime ? "inTime" : "late")}
        </Badge>
      </p>
      <Facts
        facts={[
          { label: t("concludedAt"), value: <DateTime instant={contract.concludedAt} /> },
          { label: t("endsAt"), value: <DateTime instant={subSeconds(contract.endsAt, 1)} /> },
          { label: t("paid"), value: <Money amountCents={paidCents} currency={currency} /> },
          ...(returnedCents > 0
            ? [
                {
                  label: t("returned"),
                  value: <Money amountCents={returnedCents} currency={currency} />,
                },
              ]
            : []),
          {
            label: t("used"),
            value:
              contract.coveredCredits === null
                ? credits(contract.usedCredits)
                : t("usedOf", {
                    used: credits(contract.usedCredits),
                    covered: credits(contract.coveredCredits),
                  }),
          },
          {
            label: t("consent"),
            value: t(contract.hasConsent ? "consentGiven" : "consentNone"),
          },
          { label: t("refund"), value: <Money amountCents={refundCents} currency={currency} /> },
          ...contract.payments.flatMap(({ id, paymentIntentId }) =>
            paymentIntentId === null
              ? []
              : [
                  {
                    label: t("payment"),
                    value: (
                      <a
                        key={id}
                        href={`https://dashboard.stripe.com/payments/${paymentIntentId}`}
                        target="_blank"
                        rel="noreferrer"
                        className="underline underline-offset-4"
                      >
                        <Identifier>{paymentIntentId}</Identifier>
                      </a>
                    ),
                  },
                ],
          ),
        ]}
      />
      <div>
        <RefundButton
          input={{ id: randomUUID(), withdrawalId, contractId }}
          label={refundCents > 0 ? t("refundButton", { amount }) : t("endButton")}
          title={t("refundTitle", { amount, item: name })}
        />
      </div>
    </div>
  );
}
