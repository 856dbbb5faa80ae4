using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Authentication;

namespace Webmail.Protocols.Wire;

/// <summary>
/// The tls-exporter channel binding (RFC 9266), which SslStream doesn't give: its OpenSSL session is asked. That the stream's private field is such a
/// session, and that the libssl asked is the one that made it, is looked at first; where it isn't so, there is no tls-exporter and nothing else changes.
/// </summary>
internal static partial class TlsExporter
{
    private const int Length = 32;
    private const int GetExtendedMasterSecretSupport = 122;
    private const int LoadLazy = 1;
    private const int OnlyIfLoaded = 4;
    private const string Library = "libssl.so.3";

    private static readonly FieldInfo? Session = typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic);

    private static volatile bool _isLoaded;

    /// <summary>True for TLS 1.3; for TLS 1.2 with an extended master secret (RFC 9266 section 4.2, RFC 7627). There is no renegotiation here.</summary>
    public static bool IsAvailable(SslStream stream) => SessionOf(stream) is { } session
        && (stream.SslProtocol == SslProtocols.Tls13 || (stream.SslProtocol == SslProtocols.Tls12 && SSL_ctrl(session, GetExtendedMasterSecretSupport, 0, 0) == 1));

    /// <summary>Null: not available.</summary>
    public static byte[]? ChannelBinding(SslStream stream)
    {
        if (!IsAvailable(stream) || SessionOf(stream) is not { } session)
            return null;
        var label = "EXPORTER-Channel-Binding"u8;
        var octets = new byte[Length];
        return SSL_export_keying_material(session, octets, octets.Length, label, label.Length, [], 0, useContext: 1) == 1 ? octets : null;
    }

    private static SafeHandle? SessionOf(SslStream stream)
    {
        if (Session?.GetValue(stream) is not SafeHandle { IsInvalid: false, IsClosed: false } session || session.GetType().Name != "SafeSslHandle" || !IsLoaded())
            return null;
        var version = stream.SslProtocol switch
        {
            SslProtocols.Tls13 => 0x304,
            SslProtocols.Tls12 => 0x303,
            _ => -1,
        };
        return SSL_version(session) == version ? session : null;
    }

    // Never loads a second OpenSSL beside the runtime's own.
    private static bool IsLoaded()
    {
        if (!_isLoaded && OperatingSystem.IsLinux())
            _isLoaded = dlopen(Library, LoadLazy | OnlyIfLoaded) != 0;
        return _isLoaded;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint dlopen(string name, int flags);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SSL_version(SafeHandle session);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SSL_ctrl(SafeHandle session, int command, nint number, nint pointer);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SSL_export_keying_material(
        SafeHandle session, byte[] output, nint outputLength, ReadOnlySpan<byte> label, nint labelLength, ReadOnlySpan<byte> context, nint contextLength, int useContext);
}
