import { AppError } from "@/lib/errors";

/** The reading id belongs to a reading of another birth. */
export class ReadingIdTaken extends AppError {
  constructor() {
    super({
      code: "reading_id_taken",
      status: 409,
      message: "This reading id belongs to a reading of another birth.",
    });
  }
}

/** The reading with this id was paid for and deleted. Its charge covers no other reading. */
export class ReadingDeleted extends AppError {
  constructor() {
    super({
      code: "reading_deleted",
      status: 410,
      message: "The reading with this id was deleted.",
    });
  }
}
