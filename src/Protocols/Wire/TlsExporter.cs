using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Authentication;

namespace Webmail.Protocols.Wire;

/// <summary>
/// The tls-exporter channel binding (RFC 9266), which SslStream doesn't give: its OpenSSL session is asked. That the stream's private field is such a
/// session, and that the libssl asked is the one that made it, is looked at first; where it isn't so, there is no tls-exporter and nothing else changes.
/// TLS 1.3 only: before, libraries don't agree on whether "a context of no octets" is a context (RFC 5705 section 4), and clients use tls-unique.
/// </summary>
internal static partial class TlsExporter
{
    private const int Length = 32;
    private const int LoadLazy = 1;
    private const int OnlyIfLoaded = 4;
    private const int Tls13 = 0x304;
    private const string Library = "libssl.so.3";

    private static readonly FieldInfo? Session = typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic);

    private static volatile bool _isLoaded;

    public static bool IsAvailable(SslStream stream) => SessionOf(stream) is not null;

    /// <summary>Null: not available.</summary>
    public static byte[]? ChannelBinding(SslStream stream)
    {
        if (SessionOf(stream) is not { } session)
            return null;
        var label = "EXPORTER-Channel-Binding"u8;
        var octets = new byte[Length];
        return SSL_export_keying_material(session, octets, octets.Length, label, label.Length, [], 0, useContext: 1) == 1 ? octets : null;
    }

    private static SafeHandle? SessionOf(SslStream stream) =>
        stream.SslProtocol == SslProtocols.Tls13
        && Session?.GetValue(stream) is SafeHandle { IsInvalid: false, IsClosed: false } session
        && session.GetType().Name == "SafeSslHandle"
        && IsLoaded()
        && SSL_version(session) == Tls13
            ? session
            : null;

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
    private static partial int SSL_export_keying_material(
        SafeHandle session, byte[] output, nint outputLength, ReadOnlySpan<byte> label, nint labelLength, ReadOnlySpan<byte> context, nint contextLength, int useContext);
}
