// Package people is the area of accounts (账号): who signs in, with what, and what
// guards the sign-in.
package people
