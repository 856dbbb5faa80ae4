using System.Buffers;
using System.Text;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Fetch;

/// <summary>BODY[section]&lt;partial&gt;, BODY.PEEK, and the three RFC822 items that are the same under older names.</summary>
/// <param name="label">How the answer names it: "BODY[1.MIME]&lt;0&gt;".</param>
/// <param name="partial">First octet and how many; null: all.</param>
internal sealed class BodyItem(string label, Section section, (long First, long Count)? partial, bool peek) : FetchItem
{
    public static readonly BodyItem Rfc822 = new("RFC822", Section.Whole, null, peek: false);
    public static readonly BodyItem Rfc822Header = new("RFC822.HEADER", Section.Of(SectionText.Header), null, peek: true);
    public static readonly BodyItem Rfc822Text = new("RFC822.TEXT", Section.Of(SectionText.Text), null, peek: false);

    private readonly byte[] _label = Encoding.ASCII.GetBytes(label + " ");

    public override FetchNeeds Needs => section.Part.Count == 0 && section.Text is SectionText.Header or SectionText.HeaderFields or SectionText.HeaderFieldsNot
        ? FetchNeeds.Header
        : FetchNeeds.Body;

    public override bool SetsSeen => !peek;

    public static BodyItem Parse(ref ImapReader r, bool peek)
    {
        var label = new StringBuilder("BODY");
        var section = SectionSpec.Parse(ref r, label);
        var partial = SectionSpec.Partial(ref r, label);
        return new(label.ToString(), section, partial, peek);
    }

    public override void Write(FetchMessage message, ImapWriter writer) => throw new InvalidOperationException("A section is written by WriteAsync");

    public override ValueTask WriteAsync(FetchMessage message, ImapWriter writer, CancellationToken ct)
    {
        if (section.Part.Count > 0 || !(message.Header ?? message.Body!).TryGetMemory(out var octets))
            return WriteSectionAsync(message, writer, ct);

        // The common case: the message is in memory and no part is asked for.
        writer.Raw(_label);
        var all = octets.Span;
        if (section.Text == SectionText.All)
            writer.Literal(Cut(all));
        else if (section.Text == SectionText.Header)
            writer.Literal(Cut(all[..HeaderEnd.Of(all)]));
        else if (section.Text == SectionText.Text)
            writer.Literal(Cut(all[HeaderEnd.Of(all)..]));
        else
            WriteFields(all[..HeaderEnd.Of(all)], writer);
        return ValueTask.CompletedTask;
    }

    public override bool Equals(object? obj) => obj is BodyItem other && other._label.AsSpan().SequenceEqual(_label);

    public override int GetHashCode() => label.GetHashCode(StringComparison.Ordinal);

    private async ValueTask WriteSectionAsync(FetchMessage message, ImapWriter writer, CancellationToken ct)
    {
        var tree = MessageSections.NeedsTree(section) ? await message.PartsAsync(ct) : null;
        var found = await MessageSections.ReadAsync(message.Header ?? message.Body!, section, tree, ct);
        writer.Raw(_label);
        if (found is null)
        {
            // No such part. The RFC doesn't say what stands for it; an empty string is what other servers send.
            writer.Literal([]);
            return;
        }

        if (found.TryGetMemory(out var octets))
        {
            writer.Literal(Cut(octets.Span));
            return;
        }

        var (first, count) = SectionSpec.Cut(partial, found.Length);
        writer.LiteralHeader(count);
        await SectionOctets.CopyAsync(found, first, count, writer, ct);
    }

    private void WriteFields(ReadOnlySpan<byte> header, ImapWriter writer)
    {
        var fields = new HeaderFields(header, section.Fields, section.Text == SectionText.HeaderFieldsNot);
        var length = fields.Measure();
        if (partial is null)
        {
            writer.LiteralHeader(length);
            while (fields.Next(out var field))
                writer.Raw(field);
            writer.Raw("\r\n"u8);
            return;
        }

        var whole = new ArrayBufferWriter<byte>(length);
        while (fields.Next(out var field))
            whole.Write(field);
        whole.Write("\r\n"u8);
        writer.Literal(Cut(whole.WrittenSpan));
    }

    private ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> octets)
    {
        var (first, count) = SectionSpec.Cut(partial, octets.Length);
        return octets.Slice((int)first, (int)count);
    }
}
