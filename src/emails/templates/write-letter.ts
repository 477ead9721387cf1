import type { StoredEmail } from "../email-content";
import type { Letter, Stationery } from "../letter";
import { accountDeleted } from "./account-deleted";
import { adminAlert } from "./admin-alert";
import { creditsExpiring } from "./credits-expiring";
import { duplicateSubscriptionRefunded } from "./duplicate-subscription-refunded";
import { lowBalance } from "./low-balance";
import { paymentFailed } from "./payment-failed";
import { purchaseReceived } from "./purchase-received";
import { resetPassword } from "./reset-password";
import { verifyEmail } from "./verify-email";

/** The letter of an e-mail. A template that is missing here does not compile. */
export function writeLetter(email: StoredEmail, stationery: Stationery): Letter {
  switch (email.template) {
    case "verify-email":
      return verifyEmail(email.props, stationery);
    case "reset-password":
      return resetPassword(email.props, stationery);
    case "purchase-received":
      return purchaseReceived(email.props, stationery);
    case "payment-failed":
      return paymentFailed(email.props, stationery);
    case "duplicate-subscription-refunded":
      return duplicateSubscriptionRefunded(email.props, stationery);
    case "credits-expiring":
      return creditsExpiring(email.props, stationery);
    case "low-balance":
      return lowBalance(email.props, stationery);
    case "account-deleted":
      return accountDeleted(email.props, stationery);
    case "admin-alert":
      return adminAlert(email.props, stationery);
  }
}
