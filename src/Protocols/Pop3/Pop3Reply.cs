using System.Buffers;
using System.Text;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Pop3;

/// <summary>What becomes of the connection after the reply.</summary>
internal enum After
{
    Continue,
    StartTls,
    Close,
}

/// <summary>Extended response codes: RFC 2449 section 8, RFC 3206, RFC 6856.</summary>
internal static class Code
{
    public const string Auth = "AUTH";
    public const string InUse = "IN-USE";
    public const string SysPerm = "SYS/PERM";
    public const string SysTemp = "SYS/TEMP";
}

/// <summary>The lines that follow a +OK, up to and with the line of one dot.</summary>
internal abstract class Pop3Body
{
    /// <summary>False: the client is gone. An exception in the middle ends the connection, so that half an answer never looks like a whole one.</summary>
    public abstract ValueTask<bool> WriteAsync(WirePipe wire, CancellationToken ct);
}

/// <summary>
/// One reply (RFC 1939 section 3). Only the loop writes it, in the session's language. Control characters are taken out, so nothing a client said can end a
/// line; what isn't ASCII comes only from languages that the client asked for.
/// </summary>
internal sealed record Pop3Reply(bool IsOk, string Text, string? Code = null, After After = After.Continue, Pop3Body? Body = null)
{
    public static Pop3Reply Ok(string text, Pop3Body? body = null) => new(true, text, Body: body);

    public static Pop3Reply Err(string text, string? code = null) => new(false, text, code);

    /// <summary>What goes before the text in every language: LANG's answer begins with the language's tag.</summary>
    public string? Tag { get; init; }

    /// <summary>An error of ours, an outage say: it isn't counted among the client's.</summary>
    public bool IsOurs { get; init; }

    public Pop3Reply Then(After after) => this with { After = after };

    public void WriteTo(IBufferWriter<byte> output, Pop3Language language)
    {
        output.Write(IsOk ? "+OK"u8 : "-ERR"u8);
        if (Code is not null)
            Ascii(output, $" [{Code}]");
        if (Tag is not null)
            Ascii(output, " " + Tag);
        var words = language.Of(Text);
        if (!ReferenceEquals(words, Text))
            Utf8(output, " " + words);
        else if (Text.Length > 0)
            Ascii(output, " " + Text);
        output.Write("\r\n"u8);
    }

    /// <summary>Our own words.</summary>
    internal static void Utf8(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);

    internal static void Ascii(IBufferWriter<byte> output, string text)
    {
        var span = output.GetSpan(text.Length);
        for (var i = 0; i < text.Length; i++)
            span[i] = text[i] is >= ' ' and <= '~' ? (byte)text[i] : (byte)'?';
        output.Advance(text.Length);
    }
}

/// <summary>Lines of our own words, such as capabilities.</summary>
internal sealed class WordsBody(IEnumerable<string> lines) : Pop3Body
{
    public override ValueTask<bool> WriteAsync(WirePipe wire, CancellationToken ct)
    {
        foreach (var line in lines)
        {
            Pop3Reply.Utf8(wire.Output, line);
            wire.Output.Write("\r\n"u8);
        }

        wire.Output.Write(".\r\n"u8);
        return wire.FlushIfLargeAsync(ct);
    }
}
