import { z } from "zod";
import { IdempotencyConflict } from "@/ledger/errors";
import { type ProductApi, productOperation } from "@/product/api";
import { cardInput, createCard, listCards } from "./cards";

const card = z
  .object({ id: z.uuid(), recipient: z.string(), greeting: z.string() })
  .meta({ id: "Card" });
const example = {
  id: "5f0c1a52-6d5e-8b1f-9a44-3c1f0d2b7e61",
  recipient: "Grandmother",
  greeting: "✦ Grandmother ✦",
};

const postCard = productOperation({
  kind: "charge",
  operationId: "createCard",
  summary: "Create a card",
  description: "Writes a greeting card.",
  tag: "Cards",
  input: z.strictObject({ recipient: cardInput.shape.recipient }),
  result: card,
  example: { input: { recipient: "Grandmother" }, result: example },
  async run({ db, userId, serviceId, id, clock }, { recipient }) {
    const { created } = await createCard(db, { userId, id, recipient, serviceId }, clock);
    const stored = (await listCards(db, userId)).find((one) => one.id === id);
    if (stored?.recipient !== recipient) throw new IdempotencyConflict(id);
    return { result: stored, created };
  },
});

const getCards = productOperation({
  kind: "list",
  operationId: "listCards",
  summary: "List the cards",
  description: "All cards of the user, newest first.",
  tag: "Cards",
  input: z.strictObject({}),
  result: z.object({ cards: z.array(card) }).meta({ id: "Cards" }),
  example: { result: { cards: [example] } },
  async run({ db, userId }) {
    return { cards: await listCards(db, userId) };
  },
});

/** The cards through the API. */
export const cardsApi: ProductApi = { "/cards": { post: postCard, get: getCards } };
