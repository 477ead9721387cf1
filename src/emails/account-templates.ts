import { formatTime, type Template } from "./template";

/* Emails about the account and its credentials. They contain nothing that a person typed. */

export const verifyEmail: Template<"verify-email"> = ({ url, validHours }, { t }) => ({
  subject: t("verifyEmail.subject"),
  heading: t("verifyEmail.heading"),
  paragraphs: [t("verifyEmail.text")],
  action: { label: t("verifyEmail.action"), url },
  notes: [
    t("verifyEmail.sameBrowser"),
    t("verifyEmail.validity", { validHours }),
    t("verifyEmail.notYou"),
  ],
});

export const resetPassword: Template<"reset-password"> = ({ url, validMinutes }, { t }) => ({
  subject: t("resetPassword.subject"),
  heading: t("resetPassword.heading"),
  paragraphs: [t("resetPassword.text")],
  action: { label: t("resetPassword.action"), url },
  notes: [t("resetPassword.validity", { validMinutes }), t("resetPassword.notYou")],
});

export const newSignIn = deviceEmail<"new-sign-in">("newSignIn");
export const passkeyAdded = deviceEmail<"passkey-added">("passkeyAdded");
export const passkeyRemoved = deviceEmail<"passkey-removed">("passkeyRemoved");

export const verifyNewEmail: Template<"verify-new-email"> = ({ url, validHours }, { t }) => ({
  subject: t("verifyNewEmail.subject"),
  heading: t("verifyNewEmail.heading"),
  paragraphs: [t("verifyNewEmail.text")],
  action: { label: t("verifyNewEmail.action"), url },
  notes: [t("verifyNewEmail.validity", { validHours }), t("verifyNewEmail.notYou")],
});

export const emailChangeRequested: Template<"email-change-requested"> = (_, { t, pageUrl }) => ({
  subject: t("emailChangeRequested.subject"),
  heading: t("emailChangeRequested.heading"),
  paragraphs: [t("emailChangeRequested.text"), t("emailChangeRequested.notYou")],
  action: { label: t("emailChangeRequested.action"), url: pageUrl("/forgot-password") },
});

export const emailChanged: Template<"email-changed"> = (_, { t }) => ({
  subject: t("emailChanged.subject"),
  heading: t("emailChanged.heading"),
  paragraphs: [t("emailChanged.text"), t("emailChanged.notYou")],
});

export const accountDeleted: Template<"account-deleted"> = (_, { t }) => ({
  subject: t("accountDeleted.subject"),
  heading: t("accountDeleted.heading"),
  paragraphs: [t("accountDeleted.text"), t("accountDeleted.kept")],
});

/** Reports what was done to the account, from which device and when. */
function deviceEmail<Name extends "new-sign-in" | "passkey-added" | "passkey-removed">(
  key: "newSignIn" | "passkeyAdded" | "passkeyRemoved",
): Template<Name> {
  return (props, context) => {
    const { browser, system, network, at, timeZone } = props;
    const { t, pageUrl } = context;
    const unknown = t("device.unknown");
    return {
      subject: t(`${key}.subject`),
      heading: t(`${key}.heading`),
      paragraphs: [t(`${key}.text`)],
      facts: [
        {
          label: t("device.device"),
          value: [browser, system].filter(Boolean).join(", ") || unknown,
        },
        { label: t("device.network"), value: network ?? unknown },
        { label: t("device.time"), value: formatTime(at, timeZone, context) },
      ],
      action: { label: t("device.action"), url: pageUrl("/settings/security") },
      notes: [t(`${key}.notYou`)],
    };
  };
}
