using System.Buffers;
using System.Text;

namespace Webmail.MailCore.Inbound;

/// <summary>
/// The header as it is stored: our trace fields in front, then the fields that came, octet for octet, but for those that must not stay. A Return-Path
/// that came along is forged or stale (RFC 5321 section 4.4). For mail of our own users, blind copies go and Date and Message-ID come
/// (RFC 6409 section 8).
/// </summary>
internal static class HeaderRewrite
{
    public static ReadOnlyMemory<byte> Write(string trace, ReadOnlySpan<byte> header, bool isSubmission, string messageIdDomain, Guid traceId, DateTimeOffset now)
    {
        var output = new ArrayBufferWriter<byte>(trace.Length + header.Length + 256);
        Encoding.UTF8.GetBytes(trace, output);
        bool hasDate = false, hasMessageId = false, startsOver = false;
        var length = 0;
        foreach (var field in new HeaderFields(header))
        {
            length += field.Whole.Length;
            hasDate |= field.Is("Date"u8);
            hasMessageId |= field.Is("Message-ID"u8);
            if (!field.Is("Return-Path"u8) && !(isSubmission && (field.Is("Bcc"u8) || field.Is("Resent-Bcc"u8))))
                output.Write(field.Whole);
            startsOver = field.Whole.EndsWith("\r\n"u8);
        }

        if (isSubmission)
        {
            if (length > 0 && !startsOver)
                output.Write("\r\n"u8);
            if (!hasDate)
                Encoding.ASCII.GetBytes($"Date: {TraceHeader.DateOf(now)}\r\n", output);
            if (!hasMessageId)
                Encoding.ASCII.GetBytes($"Message-ID: <{traceId:N}@{messageIdDomain}>\r\n", output);
        }

        // The empty line, where there was one.
        output.Write(header[length..]);
        return output.WrittenMemory;
    }
}
