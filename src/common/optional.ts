import { ValidateIf } from 'class-validator';

/** A field that may be left out; unlike with class-validator's IsOptional, null is not the same as nothing. */
export const Optional = () => ValidateIf((_object, value) => value !== undefined);
