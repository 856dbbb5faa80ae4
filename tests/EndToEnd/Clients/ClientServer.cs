using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Webmail.EndToEnd.Clients;

[assembly: AssemblyFixture(typeof(ClientServer))]

namespace Webmail.EndToEnd.Clients;

/// <summary>One server process for all clients, started by the first of them; each brings an account of its own.</summary>
public sealed class ClientServer : IAsyncDisposable
{
    /// <summary>Every account's.</summary>
    public const string Password = "a long pass-word";

    private readonly Lazy<Task<ServerProcess>> _server;
    private readonly string _folder = Directory.CreateTempSubdirectory("webmail-clients-").FullName;

    public ClientServer() => _server = new(StartAsync);

    /// <summary>The certificate of the server and of the ears before it: for localhost, its own authority. PEM.</summary>
    public string CertificatePath => Path.Combine(_folder, "certificate.pem");

    /// <summary>The same, with its key.</summary>
    public X509Certificate2 Certificate { get; private set; } = null!;

    internal Task<ServerProcess> ServerAsync() => _server.Value;

    private async Task<ServerProcess> StartAsync()
    {
        var key = Path.Combine(_folder, "key.pem");
        using (var pair = RSA.Create(2048))
        {
            using var made = Make(pair);
            await File.WriteAllTextAsync(CertificatePath, made.ExportCertificatePem());
            await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem());
        }

        Certificate = X509Certificate2.CreateFromPemFile(CertificatePath, key);
        return await ServerProcess.StartAsync(new()
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Webmail__Tls__CertificatePath"] = CertificatePath,
                ["Webmail__Tls__KeyPath"] = key,
            },
        });
    }

    private static X509Certificate2 Make(RSA pair)
    {
        var request = new CertificateRequest("CN=localhost", pair, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
            await (await _server.Value).DisposeAsync();
        Certificate?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
