using System.Security.Cryptography;
using System.Text;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.OpenSsl;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;
using Webmail.MailCore.Outbound;
using Webmail.MailCore.Store;
using Webmail.MailCore.Tests.Store;

namespace Webmail.MailCore.Tests.Outbound;

/// <summary>Signatures are judged by MimeKit's verifier, an implementation that is not ours.</summary>
[Collection(nameof(MeasuredAlone))]
public sealed class SigningTests
{
    private static readonly RSA Key = RSA.Create(2048);

    private static async Task<byte[]> SignAsync(MessageBody body, string domain = "sina.com")
    {
        var signing = new Signing(new OneKey(), TimeProvider.System);
        return (await signing.SignAsync(body, domain, TestContext.Current.CancellationToken)).ToArray();
    }

    private static async Task<bool> VerifiesAsync(byte[] front, byte[] body)
    {
        var message = await MimeMessage.LoadAsync(new MemoryStream([.. front, .. body]));
        var at = message.Headers.IndexOf(HeaderId.DkimSignature);
        return at >= 0 && await new DkimVerifier(new KeyInDns()).VerifyAsync(message, message.Headers[at]);
    }

    [Theory]
    [InlineData("From: lisi@sina.com\r\nTo: wangwu@sohu.com\r\nSubject: hello\r\n\r\nHello.\r\n")]
    [InlineData("From: lisi@sina.com\r\nSubject:  folded\r\n\t and   blank \r\nsubject: twice\r\n\r\nA  line \t with blanks \t \r\n\r\n\r\nend\r\n\r\n\r\n")]
    [InlineData("From: lisi@sina.com\r\n\r\n")]
    [InlineData("From: lisi@sina.com\r\n\r\n\r\n\r\n")]
    [InlineData("From: lisi@sina.com\r\n\r\n \r\n\t\r\n")]
    [InlineData("From : lisi@sina.com\r\nTo:a@b.c\r\n\r\n no line end")]
    [InlineData("FROM: \u674e\u56db <lisi@sina.com>\r\nSubject: \u4f60\u597d\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\u4f60\u597d\r\n")]
    [InlineData("From: lisi@sina.com\r\n\r\n.\r\n..\r\n \r\ntext\r\n")]
    public async Task AnIndependentVerifierAccepts(string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        var front = await SignAsync(new MemoryBody(body));
        Assert.True(await VerifiesAsync(front, body));
        Assert.All(Encoding.ASCII.GetString(front).Split("\r\n"), line => Assert.True(line.Length <= 78, line));
    }

    [Fact]
    public async Task ASecondFromOrAChangedBodyBreaksIt()
    {
        var body = "From: lisi@sina.com\r\nSubject: a\r\n\r\nHello\r\n"u8.ToArray();
        var front = await SignAsync(new MemoryBody(body));
        Assert.False(await VerifiesAsync(front, [.. "From: boss@sina.com\r\n"u8, .. body]));
        Assert.False(await VerifiesAsync(front, [.. "Reply-To: thief@evil.test\r\n"u8, .. body]));
        Assert.False(await VerifiesAsync(front, [.. body, .. "more\r\n"u8]));
        Assert.True(await VerifiesAsync(front, [.. "Received: from elsewhere\r\n"u8, .. body]));
    }

    [Fact]
    public async Task BareLineFeedsAreSignedAsTheyAreSent()
    {
        var front = await SignAsync(new MemoryBody("From: lisi@sina.com\nSubject: a\n\none\ntwo\rthree\r\n"u8.ToArray()));
        Assert.True(await VerifiesAsync(front, "From: lisi@sina.com\r\nSubject: a\r\n\r\none\r\ntwo\r\nthree\r\n"u8.ToArray()));
    }

    [Fact]
    public async Task NothingIsSignedForOthersOrWithoutFrom()
    {
        Assert.Empty(await SignAsync(new MemoryBody("From: a@b.c\r\n\r\nx\r\n"u8.ToArray()), "elsewhere.test"));
        Assert.Empty(await SignAsync(new MemoryBody("Subject: a\r\n\r\nx\r\n"u8.ToArray())));
        Assert.Empty(await SignAsync(new MemoryBody(default)));
    }

    [Fact]
    public async Task ALargeMessageIsReadInPiecesAndNotHeld()
    {
        var body = new Generated(50 * 1024 * 1024);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var front = await SignAsync(body);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.NotEmpty(front);
        Assert.True(allocated < 4 * 1024 * 1024, $"{allocated} bytes for a message of 50 MiB");

        var small = new Generated(300_001);
        var whole = new byte[small.Length];
        for (var at = 0; at < whole.Length;)
            at += await small.ReadAsync(at, whole.AsMemory(at), TestContext.Current.CancellationToken);
        Assert.True(await VerifiesAsync(await SignAsync(small), whole));
    }

    /// <summary>A message that exists only while it is read, in pieces of odd sizes.</summary>
    private sealed class Generated(long length) : MessageBody
    {
        private static readonly byte[] Header = "From: lisi@sina.com\r\nSubject: large\r\n\r\n"u8.ToArray();
        private static readonly byte[] Line = Encoding.ASCII.GetBytes(new string('x', 60) + " \t" + new string('y', 11) + "\r\n");

        public override long Length => length;

        public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
        {
            bytes = default;
            return false;
        }

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken ct)
        {
            var n = (int)Math.Min(Math.Min(buffer.Length, 60_013), length - offset);
            for (var i = 0; i < n; i++)
            {
                var at = offset + i;
                buffer.Span[i] = at < Header.Length ? Header[at] : Line[(at - Header.Length) % Line.Length];
            }

            return new(n);
        }
    }

    private sealed class KeyInDns : IDkimPublicKeyLocator
    {
        public AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default)
        {
            Assert.Equal(("sina.com", "s1"), (domain, selector));
            return (AsymmetricKeyParameter)new PemReader(new StringReader(Key.ExportSubjectPublicKeyInfoPem())).ReadObject();
        }

        public Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            Task.FromResult(LocatePublicKey(methods, domain, selector, cancellationToken));
    }

    private sealed class OneKey : IDirectory
    {
        public ValueTask<DkimKey?> DkimKeyAsync(string domain, CancellationToken ct) =>
            new(domain == "sina.com" ? new DkimKey(domain, "s1", Key.ExportPkcs8PrivateKeyPem()) : null);

        public ValueTask<Resolution> ResolveAsync(EmailAddress recipient, CancellationToken ct) => new(Resolution.None(ResolutionKind.NotLocal));

        public ValueTask<bool> IsLocalDomainAsync(string domain, CancellationToken ct) => new(domain == "sina.com");

        public ValueTask<bool> OwnsAsync(Principal principal, EmailAddress address, CancellationToken ct) => new(false);

        public ValueTask<IReadOnlyList<EmailAddress>> AddressesOfAsync(Principal principal, CancellationToken ct) => new([]);

        public ValueTask<Principal?> PrincipalAsync(EmailAddress login, CancellationToken ct) => new((Principal?)null);
    }
}
