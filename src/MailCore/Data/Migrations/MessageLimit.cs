using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>A limit on the number of an account's messages: append_4, append_one_2, transfer_3, transfer_4 and provision_2.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124165000_MessageLimit")]
internal sealed class MessageLimit : SqlMigration;
