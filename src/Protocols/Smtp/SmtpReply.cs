using System.Buffers;
using System.Text;

namespace Webmail.Protocols.Smtp;

/// <summary>What becomes of the connection after a reply.</summary>
internal enum After
{
    Continue,

    /// <summary>TLS begins, and everything that was known is forgotten (RFC 3207 section 4.2).</summary>
    StartTls,

    Close,
}

/// <summary>
/// One reply (RFC 5321 section 4.2) with its enhanced status code (RFC 2034), as octets. The text is cleaned to printable ASCII, so nothing that a client
/// said can end a line.
/// </summary>
internal sealed class SmtpReply
{
    private readonly byte[] _octets;

    private SmtpReply(int code, byte[] octets, After after)
    {
        Code = code;
        _octets = octets;
        After = after;
    }

    public int Code { get; }

    public After After { get; }

    public bool IsPositive => Code < 400;

    /// <param name="code">The three digits.</param>
    /// <param name="status">RFC 3463; null for the greeting, EHLO and the intermediate replies (RFC 2034 section 4).</param>
    /// <param name="lines">At least one.</param>
    public static SmtpReply Of(int code, string? status, params ReadOnlySpan<string> lines)
    {
        var text = new StringBuilder(64);
        for (var i = 0; i < lines.Length; i++)
        {
            text.Append(code).Append(i == lines.Length - 1 ? ' ' : '-');
            if (status is not null)
                text.Append(status).Append(' ');
            foreach (var c in lines[i])
                text.Append(c is >= ' ' and <= '~' ? c : '?');
            text.Append("\r\n");
        }

        return new(code, Encoding.ASCII.GetBytes(text.ToString()), After.Continue);
    }

    /// <summary>LMTP's replies after the message, one for each recipient (RFC 2033 section 4.2).</summary>
    public static SmtpReply Join(IReadOnlyList<SmtpReply> replies)
    {
        var octets = replies.SelectMany(r => r._octets).ToArray();
        return new(replies.Min(r => r.Code), octets, After.Continue);
    }

    public SmtpReply Then(After after) => new(Code, _octets, after);

    public void WriteTo(IBufferWriter<byte> output) => output.Write(_octets);

    public override string ToString() => Encoding.ASCII.GetString(_octets).TrimEnd();
}
