/* In place of what configure makes: Android.bp gives the rest by -D. */
