using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Login;

/// <summary>EXTERNAL (RFC 4422 appendix A) with TLS client certificates: of an authority that is trusted, and registered ones.</summary>
public sealed class ExternalTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task ACertificateOfTheAuthorityLogsItsAddressIn(SslProtocols version)
    {
        using var authority = new Authority();
        await using var world = await StartAsync(authority.Path);
        using var anns = authority.Issue("ann@example.test");
        await using var client = await TlsClient.ConnectAsync(world, version, anns);
        Assert.Contains(" AUTH=EXTERNAL ", client.Greeting, StringComparison.Ordinal);
        Assert.StartsWith("a OK", await client.SayAsync("a AUTHENTICATE EXTERNAL ="), StringComparison.Ordinal);
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task TheIdentityIsEmptyOrOneThatTheCertificateNames()
    {
        using var authority = new Authority();
        await using var world = await StartAsync(authority.Path);
        using var both = authority.Issue("ann@example.test", "bob@example.test", "someone@elsewhere.test");
        (string Identity, string Answer)[] cases =
        [
            ("", "a NO [AUTHENTICATIONFAILED]"),
            ("root@example.test", "a NO [AUTHENTICATIONFAILED]"),
            ("someone@elsewhere.test", "a NO [AUTHENTICATIONFAILED]"),
            ("\0", "a NO [AUTHENTICATIONFAILED]"),
            ("BOB@Example.test", "a OK"),
        ];
        foreach (var (identity, answer) in cases)
        {
            await using var client = await TlsClient.ConnectAsync(world, certificate: both);
            Assert.StartsWith(answer, await SayAsync(client, identity), StringComparison.Ordinal);
        }

        await using var asked = await TlsClient.ConnectAsync(world, certificate: both);
        Assert.Equal("+ ", await asked.SayAsync("a AUTHENTICATE EXTERNAL"));
        Assert.StartsWith("a OK", await asked.SayAsync(Convert.ToBase64String("ann@example.test"u8)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutACertificateThereIsNoSuchMechanism()
    {
        using var authority = new Authority();
        await using var world = await StartAsync(authority.Path);
        await using var client = await TlsClient.ConnectAsync(world);
        Assert.DoesNotContain("EXTERNAL", client.Greeting, StringComparison.Ordinal);
        Assert.StartsWith("a NO [CANNOT]", await client.SayAsync("a AUTHENTICATE EXTERNAL ="), StringComparison.Ordinal);
        Assert.StartsWith("b OK", await client.SayAsync("b LOGIN ann@example.test pass-word"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StrangersAndLatecomersAreRefused()
    {
        using var authority = new Authority();
        using var other = new Authority();
        await using var world = await StartAsync(authority.Path);
        using var foreign = other.Issue("ann@example.test");
        using var late = authority.Issue(Now.AddDays(-3), Now.AddDays(-1), clientUse: true, "ann@example.test");
        using var servers = authority.Issue(Now.AddDays(-1), Now.AddDays(1), clientUse: false, "ann@example.test");
        using var nobodys = authority.Issue();
        foreach (var certificate in new[] { foreign, late, servers, nobodys })
        {
            await using var client = await TlsClient.ConnectAsync(world, certificate: certificate);
            Assert.StartsWith("a NO [AUTHENTICATIONFAILED]", await SayAsync(client, "ann@example.test"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ARegisteredCertificateNeedsNoAuthority()
    {
        using var other = new Authority();
        await using var world = await StartAsync(null);
        using var own = other.Issue("whoever@elsewhere.test");
        var admin = world.Services.GetRequiredService<CredentialAdmin>();
        await using (var before = await TlsClient.ConnectAsync(world, certificate: own))
            Assert.StartsWith("a NO", await SayAsync(before, ""), StringComparison.Ordinal);
        var made = await admin.AddCertificateAsync(Principal.LocalConsole, "ann@example.test", "laptop", own.ExportCertificatePem(), CancellationToken.None);
        await using var client = await TlsClient.ConnectAsync(world, certificate: own);
        Assert.StartsWith("a OK", await SayAsync(client, ""), StringComparison.Ordinal);
        await using (var bob = await TlsClient.ConnectAsync(world, certificate: own))
            Assert.StartsWith("a NO", await SayAsync(bob, "bob@example.test"), StringComparison.Ordinal);

        await admin.RemoveAsync(Principal.LocalConsole, "ann@example.test", CredentialKind.ClientCertificate, made.Id, CancellationToken.None);
        Assert.StartsWith("* BYE", await client.SayAsync("b NOOP"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADisabledUserIsRefusedWithTheBestOfCertificates()
    {
        using var authority = new Authority();
        await using var world = await StartAsync(authority.Path);
        using var anns = authority.Issue("ann@example.test");
        await world.Services.GetRequiredService<UserAdmin>().SetDisabledAsync(Principal.LocalConsole, "ann@example.test", true, CancellationToken.None);
        await using var client = await TlsClient.ConnectAsync(world, certificate: anns);
        Assert.StartsWith("a NO", await SayAsync(client, ""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pop3", "AUTH EXTERNAL =", "+OK Logged in")]
    [InlineData("submission", "AUTH EXTERNAL =", "235 2.7.0")]
    public async Task TheOtherProtocolsTakeItToo(string protocol, string line, string answer)
    {
        using var authority = new Authority();
        await using var world = await StartAsync(authority.Path);
        using var anns = authority.Issue("ann@example.test");
        await using var client = await TlsClient.ConnectAsync(world, certificate: anns, protocol: protocol);
        if (protocol == "submission")
            Assert.StartsWith("250", await client.SayAsync("HELO c.example"), StringComparison.Ordinal);
        Assert.StartsWith(answer, await client.SayAsync(line), StringComparison.Ordinal);
    }

    private static Task<string?> SayAsync(TlsClient client, string identity) =>
        client.SayAsync("a AUTHENTICATE EXTERNAL " + (identity.Length == 0 ? "=" : Convert.ToBase64String(Encoding.UTF8.GetBytes(identity))));

    private async Task<MailWorld> StartAsync(string? authority)
    {
        var world = await MailWorld.StartAsync(postgres, s => s with { Tls = new() { ClientCaPath = authority, ClientCertificates = true } });
        await world.AddAccountAsync("root", administrator: true);
        await world.AddAccountAsync("ann");
        await world.AddAccountAsync("bob");
        return world;
    }

    /// <summary>A certificate authority, and the file by which it is trusted.</summary>
    private sealed class Authority : IDisposable
    {
        private readonly X509Certificate2 _own;

        public Authority()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=People", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
            _own = request.CreateSelfSigned(Now.AddDays(-10), Now.AddDays(10));
            File.WriteAllText(Path, _own.ExportCertificatePem());
        }

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public X509Certificate2 Issue(params string[] addresses) => Issue(Now.AddDays(-1), Now.AddDays(1), clientUse: true, addresses);

        public X509Certificate2 Issue(DateTimeOffset from, DateTimeOffset to, bool clientUse, params string[] addresses)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=Somebody", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("laptop.example.test");
            foreach (var address in addresses)
                names.AddEmailAddress(address);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(clientUse ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], false));
            using var issued = request.Create(_own, from, to, RandomNumberGenerator.GetBytes(8));
            return issued.CopyWithPrivateKey(key);
        }

        public void Dispose()
        {
            _own.Dispose();
            File.Delete(Path);
        }
    }
}
