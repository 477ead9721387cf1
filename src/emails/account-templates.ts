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

export const newSignIn: Template<"new-sign-in"> = (props, context) => {
  const { browser, system, network, at, timeZone } = props;
  const { t, pageUrl } = context;
  const unknown = t("newSignIn.unknown");
  return {
    subject: t("newSignIn.subject"),
    heading: t("newSignIn.heading"),
    paragraphs: [t("newSignIn.text")],
    facts: [
      {
        label: t("newSignIn.device"),
        value: [browser, system].filter(Boolean).join(", ") || unknown,
      },
      { label: t("newSignIn.network"), value: network ?? unknown },
      { label: t("newSignIn.time"), value: formatTime(at, timeZone, context) },
    ],
    action: { label: t("newSignIn.action"), url: pageUrl("/settings/security") },
    notes: [t("newSignIn.notYou")],
  };
};

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
