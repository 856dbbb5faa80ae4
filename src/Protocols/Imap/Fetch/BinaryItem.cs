using System.Text;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Fetch;

/// <summary>What BINARY and BINARY.SIZE (RFC 3516 section 4) share: a section with its transfer encoding undone.</summary>
internal abstract class DecodedItem(string label, Section section) : FetchItem
{
    private readonly byte[] _label = Encoding.ASCII.GetBytes(label + " ");

    public override FetchNeeds Needs => FetchNeeds.Body;

    /// <summary>The section of the message that is written now; null: it has none such.</summary>
    protected MessageBody? Found { get; private set; }

    protected ReadOnlySpan<byte> Label => _label;

    public override async ValueTask<bool> PrepareAsync(FetchMessage message, CancellationToken ct)
    {
        var tree = MessageSections.NeedsTree(section) ? await message.PartsAsync(ct) : null;
        if (section.Text != SectionText.All)
        {
            // Headers and the like have no transfer encoding.
            Found = await MessageSections.ReadAsync(message.Body!, section, tree, ct);
            return true;
        }

        var read = await MessageSections.ReadBinaryAsync(message.Body!, section.Part, tree, ct);
        Found = read.Body;
        return !read.HasUnknownEncoding;
    }

    public override void Write(FetchMessage message, ImapWriter writer) => throw new InvalidOperationException("A section is written by WriteAsync");

    public override bool Equals(object? obj) => obj is DecodedItem other && other._label.AsSpan().SequenceEqual(_label);

    public override int GetHashCode() => label.GetHashCode(StringComparison.Ordinal);
}

/// <summary>BINARY[section]&lt;partial&gt; and BINARY.PEEK.</summary>
/// <param name="partial">First octet and how many, of the decoded ones; null: all.</param>
internal sealed class BinaryItem(string label, Section section, (long First, long Count)? partial, bool peek) : DecodedItem(label, section)
{
    public override bool SetsSeen => !peek;

    public static BinaryItem Parse(ref ImapReader r, bool peek)
    {
        var label = new StringBuilder("BINARY");
        var section = SectionSpec.Parse(ref r, label);
        var partial = SectionSpec.Partial(ref r, label);
        return new(label.ToString(), section, partial, peek);
    }

    public override async ValueTask WriteAsync(FetchMessage message, ImapWriter writer, CancellationToken ct)
    {
        writer.Raw(Label);
        if (Found is not { } found)
        {
            writer.Raw("NIL"u8);
            return;
        }

        var (first, count) = SectionSpec.Cut(partial, found.Length);
        if (found.TryGetMemory(out var octets))
        {
            if (octets.Span.Contains((byte)0))
                writer.Raw("~"u8);
            writer.Literal(octets.Span.Slice((int)first, (int)count));
            return;
        }

        // Nobody has looked yet whether there is a NUL in it.
        writer.Raw("~"u8);
        writer.LiteralHeader(count);
        await SectionOctets.CopyAsync(found, first, count, writer, ct);
    }
}

/// <summary>BINARY.SIZE[section].</summary>
internal sealed class BinarySizeItem(string label, Section section) : DecodedItem(label, section)
{
    public static BinarySizeItem Parse(ref ImapReader r)
    {
        var label = new StringBuilder("BINARY.SIZE");
        var section = SectionSpec.Parse(ref r, label);
        return new(label.ToString(), section);
    }

    public override ValueTask WriteAsync(FetchMessage message, ImapWriter writer, CancellationToken ct)
    {
        writer.Raw(Label);
        writer.Number(Found?.Length ?? 0);
        return ValueTask.CompletedTask;
    }
}
