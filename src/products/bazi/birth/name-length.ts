/** Of the person a reading is for, in UTF-16 units as a form counts them. */
export const NAME_MAX_LENGTH = 60;
