package dev.hairpin.credentialapi.auth;

import io.micronaut.security.authentication.AbstractPrincipalArgumentBinder;
import jakarta.inject.Singleton;

/// Lets controllers have a [Caller] as an argument.
@Singleton
final class CallerBinder extends AbstractPrincipalArgumentBinder<Caller> {
  CallerBinder() {
    super(Caller.class);
  }
}
