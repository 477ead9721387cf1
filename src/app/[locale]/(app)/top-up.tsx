import { useLocale, useTranslations } from "next-intl";
import { requestCurrency } from "@/app/currency/request-currency";
import { BuyButton } from "@/app/purchase/checkout";
import { useCheckoutTexts } from "@/app/purchase/checkout-texts";
import { getMembership } from "@/billing/queries";
import { itemName, listPacks } from "@/catalog/items";
import { DateTime } from "@/components/date-time";
import { Badge } from "@/components/ui/badge";
import { buttonVariants } from "@/components/ui/button";
import { useCreditsText } from "@/components/use-credits-text";
import { db } from "@/db";
import { getBalance } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { formatMoney } from "@/lib/formats";
import { getSignInStatus, type SignInStatus } from "@/rewards/daily-sign-in";
import { SignInButton } from "./dashboard/sign-in-button";
import { type NextMonthlyCredits, nextMonthlyCredits } from "./next-monthly-credits";

/** What a user with too few credits can do: claim today's, wait for the next ones, or buy a pack. */
export async function TopUp({ userId, timeZone }: { userId: string; timeZone: string }) {
  const at = now();
  const [balance, membership, signIn, currency] = await Promise.all([
    getBalance(db, { userId, now: at }),
    getMembership(db, { userId, at }),
    getSignInStatus(db, { userId, timeZone, at }),
    requestCurrency(),
  ]);
  const nextMonth = nextMonthlyCredits(balance.nextAllotment, membership, { at });
  return <TopUpChoices signIn={signIn} nextMonth={nextMonth} currency={currency} />;
}

export function TopUpChoices({
  signIn,
  nextMonth,
  currency,
}: {
  signIn: SignInStatus;
  nextMonth: NextMonthlyCredits | null;
  currency: string;
}) {
  const t = useTranslations("credits.topUp");
  const credits = useCreditsText();
  return (
    <div className="grid gap-5 text-sm">
      {!signIn.isDone && !signIn.isWithheld && (
        <SignInButton
          isDone={false}
          isWithheld={false}
          opensInMs={null}
          label={t("claim", { credits: credits(signIn.credits) })}
          addedText={t("claimed", { credits: credits(signIn.credits) })}
        />
      )}
      {nextMonth !== null && (
        <p className="text-muted-foreground">
          {t.rich(`next.${nextMonth.how}`, {
            credits: credits(nextMonth.credits),
            date: () => <DateTime instant={nextMonth.dueAt} kind="date" />,
          })}
        </p>
      )}
      <PackList currency={currency} />
    </div>
  );
}

function PackList({ currency }: { currency: string }) {
  const t = useTranslations("credits.topUp");
  const buy = useTranslations("pricing.buy");
  const packs = useTranslations("pricing.packs");
  const locale = useLocale();
  const credits = useCreditsText();
  const texts = useCheckoutTexts();
  return (
    <ul aria-label={t("packs")} className="grid divide-y border-y">
      {listPacks().map(({ id, credits: amount, amounts, popular }) => {
        const price = formatMoney(amounts[currency] ?? 0, currency, locale);
        return (
          <li key={id} className="flex items-center gap-3 py-2.5">
            <span className="min-w-0 flex-1">
              <span className="flex flex-wrap items-center gap-2 font-medium">
                {itemName(id, locale)}
                {popular && <Badge>{packs("popular")}</Badge>}
              </span>
              <span className="text-muted-foreground">{credits(amount)}</span>
            </span>
            <span className="tabular-nums">{price}</span>
            <BuyButton
              item={id}
              currencies={[currency]}
              texts={texts}
              className={buttonVariants({ size: "sm" })}
            >
              <span aria-hidden="true">{buy("pack")}</span>
              <span className="sr-only">
                {buy("packLabel", { credits: credits(amount), price })}
              </span>
            </BuyButton>
          </li>
        );
      })}
    </ul>
  );
}
