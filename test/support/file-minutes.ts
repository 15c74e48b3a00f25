/** For one file of tests, and for each test in it: one that hangs fails, and the others go on. */
export const fileMinutesMax = 20;
