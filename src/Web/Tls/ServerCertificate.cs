using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Webmail.MailCore.Settings;
using Webmail.Web.Configuration;

namespace Webmail.Web.Tls;

/// <summary>
/// The one certificate of all listeners: the configured PEM pair, or a self-signed one kept in the data directory. Asked for at each handshake;
/// the files are looked at again every few seconds, so a renewed certificate is used without a restart. Lock: one reload at a time; readers never wait.
/// </summary>
internal sealed partial class ServerCertificate
{
    static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);
    static readonly TimeSpan SelfSignedLife = TimeSpan.FromDays(730);
    static readonly TimeSpan SelfSignedRenewal = TimeSpan.FromDays(30);

    readonly WebmailSettings settings;
    readonly TimeProvider time;
    readonly ILogger<ServerCertificate> logger;
    readonly Lock reload = new();
    Loaded current;
    long lookedAt;

    /// <exception cref="SettingsException">The pair can't be read or doesn't belong together.</exception>
    public ServerCertificate(WebmailSettings settings, TimeProvider time, ILogger<ServerCertificate> logger)
    {
        this.settings = settings;
        this.time = time;
        this.logger = logger;
        current = Load();
        lookedAt = time.GetTimestamp();
    }

    sealed record Loaded(SslStreamCertificateContext Context, X509Certificate2 Leaf, (DateTime Certificate, DateTime Key) Written);

    public bool IsSelfSigned => settings.Tls.CertificatePath is null;

    /// <summary>What clients are shown now.</summary>
    public X509Certificate2 Leaf => current.Leaf;

    string SelfSignedPath => Path.Combine(settings.DataDirectory, "tls", "self-signed.pem");

    public SslStreamCertificateContext Current()
    {
        if (time.GetElapsedTime(Volatile.Read(ref lookedAt)) > LookInterval && reload.TryEnter())
        {
            try
            {
                Look();
            }
            finally
            {
                Volatile.Write(ref lookedAt, time.GetTimestamp());
                reload.Exit();
            }
        }

        return current.Context;
    }

    void Look()
    {
        try
        {
            if (Written() == current.Written && !(IsSelfSigned && IsAging(current.Leaf)))
                return;
            current = Load();
            Log.Reloaded(logger, current.Leaf.NotAfter);
        }
        catch (Exception e) when (e is SettingsException or IOException or UnauthorizedAccessException)
        {
            // Half written, most likely: the old one goes on until the new pair is whole.
            Log.KeptOld(logger, e.Message);
        }
    }

    (DateTime Certificate, DateTime Key) Written() =>
        (File.GetLastWriteTimeUtc(settings.Tls.CertificatePath ?? SelfSignedPath), File.GetLastWriteTimeUtc(settings.Tls.KeyPath ?? SelfSignedPath));

    Loaded Load()
    {
        if (settings.Tls is { CertificatePath: { } path, KeyPath: { } keyPath })
            return Load(path, keyPath);
        if (File.Exists(SelfSignedPath) && Load(SelfSignedPath, SelfSignedPath) is var kept && kept.Leaf.MatchesHostname(settings.Hostname) && !IsAging(kept.Leaf))
            return kept;
        MakeSelfSigned();
        return Load(SelfSignedPath, SelfSignedPath);
    }

    Loaded Load(string path, string keyPath)
    {
        var written = Written();
        try
        {
            var leaf = X509Certificate2.CreateFromPemFile(path, keyPath);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(path);
            return new(SslStreamCertificateContext.Create(leaf, chain, offline: true), leaf, written);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SettingsException(
                "Webmail:Tls:CertificatePath", $"{path} and {keyPath} can't be used as a certificate and its key ({e.Message.TrimEnd('.')}); give PEM files that belong together and that the server may read.");
        }
    }

    bool IsAging(X509Certificate2 certificate) => time.GetUtcNow() + SelfSignedRenewal > new DateTimeOffset(certificate.NotAfter.ToUniversalTime());

    // One file with both, renamed into place: never a key without its certificate.
    void MakeSelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={settings.Hostname}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(settings.Hostname);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + SelfSignedLife);

        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Directory.CreateDirectory(Path.GetDirectoryName(SelfSignedPath)!, ownerOnly | UnixFileMode.UserExecute);
        var aside = SelfSignedPath + ".new";
        using (var stream = new FileStream(aside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = ownerOnly }))
        using (var writer = new StreamWriter(stream))
            writer.Write(certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        File.Move(aside, SelfSignedPath, overwrite: true);
        Log.Made(logger, SelfSignedPath, settings.Hostname);
    }

    static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Using a new certificate, valid until {Until}")]
        public static partial void Reloaded(ILogger logger, DateTime until);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The changed certificate can't be used yet, the old one stays: {Reason}")]
        public static partial void KeptOld(ILogger logger, string reason);

        [LoggerMessage(Level = LogLevel.Information, Message = "Made a self-signed certificate for {Hostname} in {Path}")]
        public static partial void Made(ILogger logger, string path, string hostname);
    }
}
