package dev.hairpin.turnserver.auth;

/// A time by both clocks.
///
/// @param nanos since the process's own zero: never negative, never steps; lifetimes are reckoned
///   by it
/// @param wallSeconds since 1970: the expiry of credentials is told in it
public record Moment(long nanos, long wallSeconds) {}
