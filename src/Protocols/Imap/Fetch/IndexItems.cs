using System.Buffers.Text;
using System.Globalization;

namespace Webmail.Protocols.Imap.Fetch;

/// <summary>FLAGS.</summary>
internal sealed class FlagsItem : FetchItem
{
    public static readonly FlagsItem Instance = new();

    public override void Write(FetchMessage message, ImapWriter writer) =>
        writer.Write($"FLAGS ({new FlagsText(message.Entry.Flags, message.IsRecent, message.Keywords)})");
}

/// <summary>UID.</summary>
internal sealed class UidItem : FetchItem
{
    public static readonly UidItem Instance = new();

    public override void Write(FetchMessage message, ImapWriter writer) => writer.Write($"UID {message.Entry.Uid}");
}

/// <summary>RFC822.SIZE.</summary>
internal sealed class SizeItem : FetchItem
{
    public static readonly SizeItem Instance = new();

    public override void Write(FetchMessage message, ImapWriter writer) => writer.Write($"RFC822.SIZE {message.Entry.Size}");
}

/// <summary>MODSEQ (RFC 7162 section 3.1.4).</summary>
internal sealed class ModSeqItem : FetchItem
{
    public static readonly ModSeqItem Instance = new();

    public override void Write(FetchMessage message, ImapWriter writer) => writer.Write($"MODSEQ ({message.Entry.ModSeq})");
}

/// <summary>INTERNALDATE, in the zone in which it was given.</summary>
internal sealed class InternalDateItem : FetchItem
{
    public static readonly InternalDateItem Instance = new();

    public override void Write(FetchMessage message, ImapWriter writer)
    {
        writer.Raw("INTERNALDATE "u8);
        DateText.Write(message.Entry.Received, message.Entry.ReceivedZone, writer);
    }
}

/// <summary>SAVEDATE (RFC 8514): when it came into this mailbox.</summary>
internal sealed class SaveDateItem : FetchItem
{
    public static readonly SaveDateItem Instance = new();

    public override void Write(FetchMessage message, ImapWriter writer)
    {
        writer.Raw("SAVEDATE "u8);
        DateText.Write(message.Entry.Saved, 0, writer);
    }
}

/// <summary>date-time (RFC 3501 section 9).</summary>
internal static class DateText
{
    /// <param name="seconds">Since 1970 UTC.</param>
    /// <param name="zone">In minutes east of UTC.</param>
    public static void Write(long seconds, short zone, ImapWriter writer)
    {
        var local = DateTimeOffset.FromUnixTimeSeconds(seconds).AddMinutes(zone);
        Span<byte> text = stackalloc byte[28];
        local.TryFormat(text, out _, "dd-MMM-yyyy HH:mm:ss +", CultureInfo.InvariantCulture);
        if (zone < 0)
            text[21] = (byte)'-';
        var minutes = Math.Abs((int)zone);
        Utf8Formatter.TryFormat((minutes / 60 * 100) + (minutes % 60), text[22..], out _, new('D', 4));
        writer.Raw("\""u8);
        writer.Raw(text[..26]);
        writer.Raw("\""u8);
    }
}
