using System.Net;
using System.Text;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Auth.Sasl;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Tests.Auth;

public sealed class SaslTests
{
    // The messages of RFC 4616 section 4.
    [Theory]
    [InlineData("\0tim\0tanstaaftanstaaf", "tim", "tanstaaftanstaaf")]
    [InlineData("tim\0tim\0tanstaaftanstaaf", "tim", "tanstaaftanstaaf")]
    [InlineData("\0ann@example.test\0päss wörd", "ann@example.test", "päss wörd")]
    [InlineData("ANN@Example.Test\0ann@example.test\0pass-word", "ann@example.test", "pass-word")]
    public void ReadsPlain(string message, string name, string password) =>
        Assert.Equal((name, password), Plain.Read(Encoding.UTF8.GetBytes(message)));

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("\0\0")]
    [InlineData("\0\0password")]
    [InlineData("\0tim\0")]
    [InlineData("tim\0tanstaaf")]
    [InlineData("\0tim\0tan\0staaf")]
    [InlineData("Ursel\0Kurt\0xipj3plmq")]
    [InlineData("bob@example.test\0ann@example.test\0pass-word")]
    public void RefusesWhatIsNotPlain(string message) => Assert.Null(Plain.Read(Encoding.UTF8.GetBytes(message)));

    [Fact]
    public void RefusesBadUtf8AndTooMuch()
    {
        Assert.Null(Plain.Read([0, (byte)'a', 0, 0xff, 0xfe]));
        Assert.Null(Plain.Read(Encoding.UTF8.GetBytes("\0ann\0" + new string('x', 3100))));
    }

    [Fact]
    public async Task PlainAsksWhenThereIsNoInitialResponse()
    {
        var exchange = SaslMechanisms.Find("plain")!.Begin(new Door(), Client);
        var first = await exchange.StepAsync(null, CancellationToken.None);
        Assert.False(first.IsDone);
        Assert.Equal(0, first.Challenge.Length);
        Assert.NotNull((await exchange.StepAsync("\0ann@example.test\0pass-word"u8.ToArray(), CancellationToken.None)).Principal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LoginAsksForNameAndPassword(bool withInitialResponse)
    {
        var exchange = SaslMechanisms.Find("Login")!.Begin(new Door(), Client);
        if (!withInitialResponse)
            Assert.Equal("Username:", Encoding.ASCII.GetString((await exchange.StepAsync(null, CancellationToken.None)).Challenge.Span));
        Assert.Equal("Password:", Encoding.ASCII.GetString((await exchange.StepAsync("ann@example.test"u8.ToArray(), CancellationToken.None)).Challenge.Span));
        var end = await exchange.StepAsync("pass-word"u8.ToArray(), CancellationToken.None);
        Assert.True(end.IsDone);
        Assert.NotNull(end.Principal);
    }

    [Fact]
    public async Task AWrongPasswordEndsTheExchange()
    {
        var exchange = SaslMechanisms.Find("PLAIN")!.Begin(new Door(), Client);
        Assert.Equal(SaslStep.Fail, await exchange.StepAsync("\0ann@example.test\0wrong"u8.ToArray(), CancellationToken.None));
    }

    [Fact]
    public void FindsByNameInAnyCase()
    {
        Assert.Equal("SCRAM-SHA-256-PLUS", SaslMechanisms.Find("scram-sha-256-plus")!.Name);
        Assert.Null(SaslMechanisms.Find("CRAM-MD5"));
    }

    [Theory]
    [InlineData("192.0.2.1", false, false)]
    [InlineData("192.0.2.1", true, true)]
    [InlineData("127.0.0.1", false, true)]
    [InlineData("::ffff:127.0.0.1", false, true)]
    [InlineData("::1", false, true)]
    public void ThePlaintextRule(string address, bool encrypted, bool allowed) =>
        Assert.Equal(allowed, PlaintextRule.Allows(new NetworkSettings(), new(IPAddress.Parse(address), "imap", encrypted)));

    private static readonly ClientFacts Client = new(IPAddress.Loopback, "imap", IsEncrypted: true);

    /// <summary>The exchanges' other side: what they hand over is looked at here. The real one has its own tests.</summary>
    private sealed class Door : IAuthenticator
    {
        public ValueTask<Principal?> LoginAsync(string name, string password, ClientFacts client, CancellationToken ct) =>
            new(name == "ann@example.test" && password == "pass-word" ? new Principal(new(1), EmailAddress.Parse(name), false, 1) : null);

        public ValueTask<IScramLogin> ScramAsync(string name, ClientFacts client, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<TokenLogin> TokenAsync(string token, string? name, ClientFacts client, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<Principal?> CertificateAsync(string? name, ClientFacts client, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<bool> IsCurrentAsync(Principal principal, CancellationToken ct) => new(true);
    }
}
