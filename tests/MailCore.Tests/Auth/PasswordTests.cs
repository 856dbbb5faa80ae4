using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Tests.Auth;

public sealed class PasswordTests
{
    [Fact]
    public void AGeneratedPasswordIsFourGroupsThatCanBeReadAloud()
    {
        var one = Passwords.Generate();
        Assert.Matches("^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$", one);
        Assert.NotEqual(one, Passwords.Generate());
        Passwords.Check(one);
    }

    [Theory]
    [InlineData("short12")]
    [InlineData("")]
    [InlineData("tab\tinside it")]
    [InlineData("nul\0inside it")]
    [InlineData("lone \ud800 surrogate")]
    public void RefusesWhatCanBeNoPassword(string password) =>
        Assert.Equal(MailError.Invalid, Assert.Throws<MailException>(() => Passwords.Check(password)).Error);

    [Fact]
    public void RefusesAPasswordThatIsTooLong() => Assert.Throws<MailException>(() => Passwords.Check(new string('x', Passwords.MaxBytes + 1)));

    [Fact]
    public void CountsCharactersAndNotTheirHalves() => Assert.Throws<MailException>(() => Passwords.Check("😀😀😀😀😀😀😀"));

    // RFC 8265 section 4.2.2: other spaces become the space, and the composed form counts.
    [Fact]
    public void TheSameCharactersAreTheSamePassword() =>
        Assert.Equal(Passwords.Prepare("pässwort mit raum"), Passwords.Prepare("pa\u0308sswort\u3000mit\u00a0raum"));

    [Fact]
    public void AVerifierMatchesItsPasswordOnlyAndSurvivesBeingStored()
    {
        var hash = PasswordHash.Make("pass-word"u8.ToArray());
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", hash.ToString(), StringComparison.Ordinal);
        var stored = PasswordHash.TryParse(hash.ToString());
        Assert.NotNull(stored);
        Assert.True(stored.Matches("pass-word"u8.ToArray()));
        Assert.False(stored.Matches("pass-worD"u8.ToArray()));
        Assert.False(stored.IsOutdated);
        Assert.NotEqual(hash.ToString(), PasswordHash.Make("pass-word"u8.ToArray()).ToString());
    }

    // Made with the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
    [Fact]
    public void VerifiesWhatTheReferenceImplementationMade()
    {
        var hash = PasswordHash.TryParse("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
        Assert.NotNull(hash);
        Assert.True(hash.IsOutdated);
        Assert.True(hash.Matches("password"u8.ToArray()));
        Assert.False(hash.Matches("Password"u8.ToArray()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pass-word")]
    [InlineData("$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [InlineData("$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [InlineData("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$!!!")]
    [InlineData("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$")]
    public void WhatIsNoVerifierIsNotTaken(string text) => Assert.Null(PasswordHash.TryParse(text));
}
