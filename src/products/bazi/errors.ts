import { AppError } from "@/lib/errors";

/** The id of a form was sent again with another birth; a new form gets a new id. */
export class ReadingIdTaken extends AppError {
  constructor() {
    super({
      code: "reading_id_taken",
      status: 409,
      message: "A reading of another birth was made with this form before.",
    });
  }
}

/** The reading made with this form was deleted since; what paid for it pays for no other. */
export class ReadingDeleted extends AppError {
  constructor() {
    super({
      code: "reading_deleted",
      status: 410,
      message: "The reading made with this form was deleted.",
    });
  }
}
