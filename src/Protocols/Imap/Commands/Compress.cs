using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>COMPRESS (RFC 4978). The loop does it, after the answer.</summary>
internal sealed record Compress : IAuthenticatedCommand<Compress>
{
    public static Verb Verb { get; } = new("COMPRESS") { Capability = "COMPRESS=DEFLATE" };

    public static Compress Parse(ref ImapReader r)
    {
        r.Space();
        if (!r.TakeName("DEFLATE"u8))
            throw new SyntaxException("There is no such mechanism");
        r.End();
        return new();
    }

    public ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct) => new(session.Wire.IsCompressed
        ? Reply.No("The connection is compressed already", Code.CompressionActive)
        : Reply.Ok("Begin to compress now", after: After.StartDeflate));
}
