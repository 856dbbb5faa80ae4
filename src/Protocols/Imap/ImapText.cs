using System.Runtime.CompilerServices;
using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap;

/// <summary>To be written as an IMAP string.</summary>
internal readonly record struct Quoted(string Value);

/// <summary>To be written as human-readable text at the end of a line.</summary>
internal readonly record struct Text(string Value);

/// <summary>Octets that are well-formed as they are.</summary>
internal readonly record struct Raw(ReadOnlyMemory<byte> Octets);

/// <summary>
/// The interpolated string of <see cref="ImapWriter.Line"/>: formats into the pipe as it goes. Deliberately without an overload for string or object:
/// a line that a client could break doesn't compile.
/// </summary>
[InterpolatedStringHandler]
internal readonly ref struct ImapText
{
    private readonly ImapWriter _writer;

    public ImapText(int literalLength, int formattedCount, ImapWriter writer) => _writer = writer;

    public void AppendLiteral(string constant) => _writer.Constant(constant);

    public void AppendFormatted(int value) => _writer.Number(value);

    public void AppendFormatted(uint value) => _writer.Number(value);

    public void AppendFormatted(long value) => _writer.Number(value);

    public void AppendFormatted(Uid value) => _writer.Number(value.Value);

    public void AppendFormatted(ModSeq value) => _writer.Number(value.Value);

    public void AppendFormatted(MailboxId value) => _writer.Constant(value.ToString());

    public void AppendFormatted(EmailId value) => _writer.Constant(value.ToString());

    public void AppendFormatted(UidSet value) => _writer.Set(value);

    public void AppendFormatted(MailboxName value) => _writer.Mailbox(value.Value);

    public void AppendFormatted(Quoted value) => _writer.Quoted(value.Value);

    public void AppendFormatted(Text value) => _writer.Human(value.Value);

    public void AppendFormatted(Raw value) => _writer.Raw(value.Octets.Span);

    /// <summary>With the obsolete c and d (RFC 4314 section 2.1.1).</summary>
    public void AppendFormatted(MailboxRights value) => _writer.Constant(value == MailboxRights.None ? "\"\"" : value.Text(withObsolete: true));

    public void AppendFormatted(Code value) => _writer.Constant(value.Word);

    public void AppendFormatted(FlagsText value) => value.Write(_writer);
}
