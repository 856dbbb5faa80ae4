using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Fetch;

internal delegate FetchItem ParseItem(ref ImapReader reader);

/// <param name="Name">As the client writes it, without a section.</param>
/// <param name="Capability">What CAPABILITY says because of it; null: it belongs to the base protocol.</param>
internal sealed record FetchName(string Name, ParseItem Parse, string? Capability = null);

/// <summary>Everything that can be fetched (RFC 3501 section 6.4.5), and what stands for several items.</summary>
internal static class FetchItems
{
    /// <summary>Items of one FETCH; more are refused.</summary>
    private const int MaxItems = 200;

    public static readonly NameTable<FetchName> Table = new(
        [
            new("FLAGS", static (ref ImapReader _) => FlagsItem.Instance),
            new("UID", static (ref ImapReader _) => UidItem.Instance),
            new("INTERNALDATE", static (ref ImapReader _) => InternalDateItem.Instance),
            new("RFC822.SIZE", static (ref ImapReader _) => SizeItem.Instance),
            new("MODSEQ", static (ref ImapReader _) => ModSeqItem.Instance, "CONDSTORE"),
            new("ENVELOPE", static (ref ImapReader _) => EnvelopeItem.Instance),
            new("BODYSTRUCTURE", static (ref ImapReader _) => StructureItem.Full),
            new("BODY", static (ref ImapReader r) => r.NextIs('[') ? BodyItem.Parse(ref r, peek: false) : StructureItem.Short),
            new("BODY.PEEK", static (ref ImapReader r) => BodyItem.Parse(ref r, peek: true)),
            new("RFC822", static (ref ImapReader _) => BodyItem.Rfc822),
            new("RFC822.HEADER", static (ref ImapReader _) => BodyItem.Rfc822Header),
            new("RFC822.TEXT", static (ref ImapReader _) => BodyItem.Rfc822Text),
            new("BINARY", static (ref ImapReader r) => BinaryItem.Parse(ref r, peek: false), "BINARY"),
            new("BINARY.PEEK", static (ref ImapReader r) => BinaryItem.Parse(ref r, peek: true)),
            new("BINARY.SIZE", static (ref ImapReader r) => BinarySizeItem.Parse(ref r)),
            new("EMAILID", static (ref ImapReader _) => EmailIdItem.Instance, "OBJECTID"),
            new("THREADID", static (ref ImapReader _) => ThreadIdItem.Instance),
            new("SAVEDATE", static (ref ImapReader _) => SaveDateItem.Instance, "SAVEDATE"),
            new("PREVIEW", static (ref ImapReader r) => PreviewItem.Parse(ref r), "PREVIEW"),
        ],
        static item => item.Name, "FETCH");

    private static readonly FetchItem[] Fast = [FlagsItem.Instance, InternalDateItem.Instance, SizeItem.Instance];
    private static readonly FetchItem[] All = [.. Fast, EnvelopeItem.Instance];
    private static readonly FetchItem[] Full = [.. All, StructureItem.Short];

    /// <summary>A macro, an item, or a list of items. One that comes twice is written once.</summary>
    public static List<FetchItem> Parse(ref ImapReader r)
    {
        var items = new List<FetchItem>(4);
        if (!r.NextIs('('))
        {
            if (r.TakeName("ALL"u8))
                items.AddRange(All);
            else if (r.TakeName("FAST"u8))
                items.AddRange(Fast);
            else if (r.TakeName("FULL"u8))
                items.AddRange(Full);
            else
                items.Add(One(ref r));
            return items;
        }

        r.Open();
        do
        {
            var item = One(ref r);
            if (!items.Contains(item))
                items.Add(item);
            if (items.Count > MaxItems)
                throw new SyntaxException("There are too many items");
        }
        while (r.Take(' '));
        r.Close();
        return items;
    }

    private static FetchItem One(ref ImapReader r) =>
        Table.Find(r.Name(), r.Rules) is { } name ? name.Parse(ref r) : throw new SyntaxException("There is no such item");
}
