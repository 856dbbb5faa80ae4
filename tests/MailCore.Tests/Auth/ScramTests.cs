using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Auth.Sasl;
using Webmail.MailCore.Model;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Auth;

/// <summary>SCRAM-SHA-256 by the example of RFC 7677 section 3, and what it must refuse.</summary>
public sealed class ScramTests
{
    private const string First = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string Nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string Challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string Final = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private const string Signature = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    [Fact]
    public async Task TheExampleOfTheRfc()
    {
        var exchange = Exchange();
        Assert.Equal(Challenge, await SayAsync(exchange, First));
        Assert.Equal(Signature, await SayAsync(exchange, Final));
        var end = await exchange.StepAsync(ReadOnlyMemory<byte>.Empty, CancellationToken.None);
        Assert.True(end.IsDone);
        Assert.NotNull(end.Principal);
    }

    [Fact]
    public void TheTestsOwnClientSaysWhatTheExampleSays() =>
        Assert.Equal((Final, Signature[2..]), ScramClient.Answer(First, Challenge, "pencil"));

    [Fact]
    public async Task WithoutAnInitialResponseItAsks()
    {
        var exchange = Exchange();
        Assert.Equal(SaslStep.Continue(default), await exchange.StepAsync(null, CancellationToken.None));
        Assert.Equal(Challenge, await SayAsync(exchange, First));
    }

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("n,,")]
    [InlineData("n,,n=user")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,,n=us=er,r=abc")]
    [InlineData("n,,r=abc,n=user")]
    [InlineData("n,,m=x,n=user,r=abc")]
    [InlineData("n,,n=user,r=abc,m=x")]
    [InlineData("x,,n=user,r=abc")]
    [InlineData("n,b=user,n=user,r=abc")]
    [InlineData("n,a=other,n=user,r=abc")]
    [InlineData("p=tls-unique,,n=user,r=abc")]
    [InlineData("p=,,n=user,r=abc")]
    [InlineData("n,,n=user,r=a\u00e4c")]
    [InlineData("n,,n=us\0er,r=abc")]
    public async Task RefusesFirstMessages(string message) => Assert.True((await Exchange().StepAsync(Encoding.UTF8.GetBytes(message), CancellationToken.None)).IsDone);

    [Theory]
    [InlineData("n,a=user,n=user,r=rOprNGfwEbeRWgbNEkqO")]
    [InlineData("y,,n=user,r=rOprNGfwEbeRWgbNEkqO,x=extension")]
    [InlineData("n,a=us=3Der=2C,n=us=3Der=2C,r=rOprNGfwEbeRWgbNEkqO")]
    public async Task TakesFirstMessages(string message) => Assert.Equal(Challenge, await SayAsync(Exchange(), message));

    [Theory]
    [InlineData("")]
    [InlineData("c=biws")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k1,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzb")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,m=x,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    public async Task RefusesFinalMessages(string message)
    {
        var exchange = Exchange();
        await SayAsync(exchange, First);
        var step = await exchange.StepAsync(Encoding.UTF8.GetBytes(message), CancellationToken.None);
        Assert.Equal((true, null), (step.IsDone, step.Principal));
    }

    [Fact]
    public async Task NothingFollowsTheSignatureButAnEmptyResponse()
    {
        var exchange = Exchange();
        await SayAsync(exchange, First);
        await SayAsync(exchange, Final);
        Assert.Null((await exchange.StepAsync("x"u8.ToArray(), CancellationToken.None)).Principal);
    }

    // RFC 5802 section 6.
    [Theory]
    [InlineData("p=tls-exporter,,", true, true)]
    [InlineData("p=tls-unique,,", true, false)]
    [InlineData("n,,", true, false)]
    [InlineData("y,,", true, false)]
    [InlineData("n,,", false, true)]
    [InlineData("p=tls-exporter,,", false, false)]
    public async Task PlusBindsToTheChannelAndNothingElseDoes(string header, bool plus, bool taken)
    {
        var exchange = new ScramExchange(new Door(), Client with { Tls = new Channel() }, plus, offersPlus: true, Nonce);
        var first = header + First[3..];
        var step = await exchange.StepAsync(Encoding.UTF8.GetBytes(first), CancellationToken.None);
        Assert.Equal(taken, !step.IsDone);
        if (!taken)
            return;
        var (final, signature) = ScramClient.Answer(first, Encoding.UTF8.GetString(step.Challenge.Span), "pencil", plus ? Channel.Octets : null);
        Assert.Equal("v=" + signature, await SayAsync(exchange, final));
    }

    [Fact]
    public async Task WhoSaysThatThereIsNoPlusWhereItIsOfferedWasLiedTo()
    {
        var exchange = new ScramExchange(new Door(), Client with { Tls = new Channel() }, plus: false, offersPlus: true, Nonce);
        Assert.True((await exchange.StepAsync(Encoding.UTF8.GetBytes("y" + First[1..]), CancellationToken.None)).IsDone);
    }

    [Fact]
    public async Task AnotherChannelsBindingIsRefused()
    {
        var exchange = new ScramExchange(new Door(), Client with { Tls = new Channel() }, plus: true, offersPlus: true, Nonce);
        var first = "p=tls-exporter,," + First[3..];
        var challenge = await SayAsync(exchange, first);
        var (final, _) = ScramClient.Answer(first, challenge, "pencil", [9, 9, 9]);
        Assert.True((await exchange.StepAsync(Encoding.UTF8.GetBytes(final), CancellationToken.None)).IsDone);
    }

    private static readonly ClientFacts Client = new(IPAddress.Loopback, "imap", IsEncrypted: true);

    private static ScramExchange Exchange() => new(new Door(), Client, plus: false, offersPlus: false, Nonce);

    private static async Task<string> SayAsync(ScramExchange exchange, string message)
    {
        var step = await exchange.StepAsync(Encoding.UTF8.GetBytes(message), CancellationToken.None);
        Assert.False(step.IsDone, message);
        return Encoding.UTF8.GetString(step.Challenge.Span);
    }

    private sealed class Channel : ITlsSession
    {
        public static readonly byte[] Octets = [1, 2, 3];

        public bool HasChannelBinding => true;

        public X509Certificate2? ClientCertificate => null;

        public byte[]? ChannelBinding(string type) => type == "tls-exporter" ? Octets : null;
    }

    /// <summary>The account of the RFC's example. The real one has its own tests, on a database.</summary>
    private sealed class Door : IAuthenticator, IScramLogin
    {
        private readonly ScramVerifier _verifier = ScramVerifier.Make("pencil"u8, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

        public ReadOnlyMemory<byte> Salt => Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");

        public int Iterations => 4096;

        public ValueTask<IScramLogin> ScramAsync(string name, ClientFacts client, CancellationToken ct) => new(this);

        public ValueTask<ScramSuccess?> ProveAsync(ReadOnlyMemory<byte> authMessage, ReadOnlyMemory<byte> clientProof, CancellationToken ct) =>
            new(_verifier.Proves(authMessage.Span, clientProof.Span)
                ? new ScramSuccess(new Principal(new(1), EmailAddress.Parse("user@example.test"), false, 1), _verifier.Sign(authMessage.Span))
                : null);

        public ValueTask<Principal?> LoginAsync(string name, string password, ClientFacts client, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<TokenLogin> TokenAsync(string token, string? name, ClientFacts client, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<Principal?> CertificateAsync(string? name, ClientFacts client, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<bool> IsCurrentAsync(Principal principal, CancellationToken ct) => new(true);
    }
}
